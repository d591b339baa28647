import { sampleCandidate, sampleEndpoint } from '../../../fleet/testing/sample-endpoint.ts';
import { settledUnitsOf, sideOf, type ShareCap } from '../share-cap.ts';
import { ShareCaps } from '../share-caps.ts';
import type { Candidate } from '../../../fleet/candidate.ts';
import type { Random } from '../../../std/random.ts';
import type { RequestSize } from '../../choice/ask.ts';
import type { ShareHold } from '../cap-account.ts';
import type { ShareGroupKind, ShareMeasure } from '../../dependence/dependence-report.ts';

/**
 * How lengths (and fates) of answers are turned against a cap, by somebody who knows what was reserved:
 * - `honest`: as guessed, give or take;
 * - `zipf`: most are tiny and few fill all that they may;
 * - `flips`: now the group's fill all and the rest's are tiny, now the other way about;
 * - `huge`: the group's always fill all that they may, the rest's are tiny;
 * - `cancelled`: the rest's clients leave before anything was computed;
 * - `late`: answers end windows later, and the group's are huge;
 * - `untold`: many endpoints never say what was used.
 */
export const adversaries = ['honest', 'zipf', 'flips', 'huge', 'cancelled', 'late', 'untold'] as const;

export type Adversary = (typeof adversaries)[number];

/** US dollars a token. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

export interface ShareWorld {
  readonly caps: readonly ShareCap[];
  readonly candidates: readonly Candidate[];
  /** By candidate. */
  readonly prices: readonly TokenPrice[];
  readonly adversary: Adversary;
  readonly requests: number;
  readonly everyMs: number;
  /** The longest that an answer of the adversary `late` takes. */
  readonly lateMs: number;
  readonly random: Random;
}

/** A cap in a window: what was truly used in the end, and when the window ended. */
export interface WindowTruth {
  readonly cap: ShareCap;
  readonly window: number;
  group: number;
  rest: number;
  /** As it stood when the window ended, of what had settled by then. */
  atEnd: { readonly group: number; readonly rest: number } | undefined;
}

export interface WorldEnd {
  readonly windows: readonly WindowTruth[];
  readonly refused: number;
  readonly usd: number;
  /** What was asked in all, with what it truly used. */
  readonly asked: readonly { readonly atMs: number; readonly promptTokens: number; readonly outputTokens: number }[];
}

interface RunningRequest {
  readonly hold: ShareHold;
  readonly promptTokens: number;
  readonly endsMs: number;
  readonly told: RequestSize | undefined;
  readonly used: RequestSize;
  readonly truths: readonly { readonly truth: WindowTruth; readonly side: 'group' | 'rest' }[];
}

const vendors = ['nvidia', 'amd', 'groq', 'google', 'unknown'] as const;
const controlGroupOf = (vendor: string): string => (vendor === 'groq' ? 'nvidia' : vendor);

function pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('Nothing to pick from.');
  return item;
}

/** A fleet, caps and an adversary, by chance. */
export function randomWorld(random: Random): ShareWorld {
  const count = 3 + Math.floor(random() * 4);
  const candidates = Array.from({ length: count }, (_, index) => {
    const vendor = index === 0 ? 'nvidia' : index === 1 ? 'amd' : pick(vendors, random);
    const silicon = {
      vendor,
      chip: vendor === 'unknown' ? 'unknown' : `${vendor}-1`,
      evidence: vendor === 'unknown' ? 'unknown' : 'declared',
    } as const;
    return sampleCandidate({ endpoint: sampleEndpoint({ id: `e${index}`, silicon }) });
  });
  const caps = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index) => randomCap(index, random));
  return {
    caps,
    candidates,
    prices: candidates.map(() => ({ input: 10 ** (-7 + 2 * random()), output: 10 ** (-7 + 2 * random()) })),
    adversary: pick(adversaries, random),
    requests: 300 + Math.floor(random() * 1500),
    everyMs: 20 + random() * 200,
    lateMs: 200_000,
    random,
  };
}

function randomCap(index: number, random: Random): ShareCap {
  const by = pick<ShareGroupKind>(['vendor', 'vendor', 'controlGroup', 'chip', 'endpoint'], random);
  const name = { vendor: 'nvidia', controlGroup: 'nvidia', chip: 'amd-1', endpoint: 'e0' }[by];
  const measure = pick<ShareMeasure>(['tokens', 'tokens', 'requests', 'usd'], random);
  return {
    id: `cap-${index}`,
    group: { by, name },
    measure,
    kind: 'hard',
    most: 0.05 + 0.85 * random(),
    windowMs: 5000 + random() * 60_000,
    minimumVolume: { tokens: 20_000, requests: 20, usd: 0.02 }[measure] * random() * 2,
    countEmulated: false,
  };
}

/** Sends every request to whoever is cheapest with what caps add, and never to whom they do not admit. */
export function runWorld(world: ShareWorld): WorldEnd {
  const { caps, candidates, random } = world;
  const shares = new ShareCaps(caps, { originMs: 0, controlGroupOf });
  const truths = new Map<string, WindowTruth>();
  const sides = candidates.map((candidate) => caps.map((cap) => sideOf(cap, candidate.endpoint, controlGroupOf)));
  let running: RunningRequest[] = [];
  let refused = 0;
  let usd = 0;
  const asked: { atMs: number; promptTokens: number; outputTokens: number }[] = [];
  const settleUntil = (untilMs: number): void => {
    for (const request of running.filter(({ endsMs }) => endsMs <= untilMs).toSorted((a, b) => a.endsMs - b.endsMs)) {
      shares.settled(request.hold, request.told, request.endsMs);
      for (const { truth, side } of request.truths) truth[side] += settledUnitsOf(truth.cap.measure, request.used) ?? 0;
    }
    running = running.filter(({ endsMs }) => endsMs > untilMs);
  };
  let nowMs = 0;
  let endsNext = nextEnd(caps, nowMs);
  for (let number = 0; number < world.requests; number += 1) {
    nowMs += -Math.log(1 - random()) * world.everyMs;
    for (; endsNext <= nowMs; endsNext = nextEnd(caps, endsNext)) {
      settleUntil(endsNext);
      for (const truth of truths.values())
        if (truth.atEnd === undefined && (truth.window + 1) * truth.cap.windowMs <= endsNext + 1e-6)
          truth.atEnd = { group: truth.group, rest: truth.rest };
    }
    settleUntil(nowMs);
    const sent = send(world, shares, number, nowMs);
    if (sent === undefined) {
      refused += 1;
      continue;
    }
    const request: RunningRequest = {
      ...sent.request,
      truths: caps.flatMap((cap, index) => {
        const side = sides[sent.at]?.[index];
        return side === 'group' || side === 'rest' ? [{ truth: truthOf(truths, cap, nowMs), side }] : [];
      }),
    };
    running.push(request);
    usd += request.used.usd ?? 0;
    asked.push({ atMs: nowMs, promptTokens: request.promptTokens, outputTokens: Math.max(0, request.used.tokens - request.promptTokens) });
  }
  settleUntil(Number.POSITIVE_INFINITY);
  return { windows: [...truths.values()], refused, usd, asked };
}

function send(
  { candidates, prices, adversary, lateMs, random }: ShareWorld,
  shares: ShareCaps,
  number: number,
  nowMs: number,
): { readonly at: number; readonly request: Omit<RunningRequest, 'truths'> } | undefined {
  const promptTokens = 10 + Math.floor(random() * 200);
  const maxTokens = 20 + Math.floor(random() * 1000);
  const guessed = promptTokens + Math.ceil(maxTokens * random());
  const usdOf = ({ input, output }: TokenPrice, tokens: number): number =>
    Math.min(promptTokens, tokens) * input + Math.max(0, tokens - promptTokens) * output;
  const sizes = prices.map((price) => ({
    tokens: guessed,
    usd: usdOf(price, guessed),
    mostTokens: promptTokens + maxTokens,
    mostUsd: usdOf(price, promptTokens + maxTokens),
  }));
  let best = -1;
  let bestUsd = Number.POSITIVE_INFINITY;
  for (const [index, candidate] of candidates.entries()) {
    const size = sizes[index];
    if (size === undefined || !shares.admits(candidate, size, nowMs)) continue;
    const usd = size.usd + shares.priceUsd(candidate, size, nowMs);
    if (usd >= bestUsd) continue;
    best = index;
    bestUsd = usd;
  }
  const [candidate, size, price] = [candidates[best], sizes[best], prices[best]];
  if (candidate === undefined || size === undefined || price === undefined) return undefined;
  const hold = shares.dispatched(candidate, size, nowMs);
  const isFoe = candidate.endpoint.silicon.vendor !== 'amd';
  const tokens = fateOf(adversary, isFoe, { promptTokens, maxTokens, guessed }, number, random);
  const used = { tokens, usd: usdOf(price, tokens) };
  const told = adversary === 'untold' && random() < 0.3 ? undefined : used;
  const endsMs = nowMs + (adversary === 'late' ? lateMs * random() : 50 + 3000 * random());
  return { at: best, request: { hold, promptTokens, endsMs, told, used } };
}

function fateOf(
  adversary: Adversary,
  isFoe: boolean,
  { promptTokens, maxTokens, guessed }: { readonly promptTokens: number; readonly maxTokens: number; readonly guessed: number },
  number: number,
  random: Random,
): number {
  const huge = promptTokens + maxTokens;
  const tiny = promptTokens + 1;
  switch (adversary) {
    case 'honest':
    case 'untold':
      return Math.min(huge, Math.ceil(guessed * (0.7 + 0.6 * random())));
    case 'zipf':
      return promptTokens + Math.min(maxTokens, Math.ceil(1 / (random() + 1 / maxTokens)));
    case 'flips':
      return isFoe === (Math.floor(number / 97) % 2 === 0) ? huge : tiny;
    case 'huge':
    case 'late':
      return isFoe ? huge : tiny;
    case 'cancelled':
      return isFoe ? huge : random() < 0.7 ? 0 : tiny;
  }
}

function truthOf(truths: Map<string, WindowTruth>, cap: ShareCap, nowMs: number): WindowTruth {
  const window = Math.floor(nowMs / cap.windowMs);
  const key = `${cap.id} ${window}`;
  const known = truths.get(key);
  if (known !== undefined) return known;
  const truth: WindowTruth = { cap, window, group: 0, rest: 0, atEnd: undefined };
  truths.set(key, truth);
  return truth;
}

function nextEnd(caps: readonly ShareCap[], nowMs: number): number {
  return Math.min(...caps.map(({ windowMs }) => (Math.floor(nowMs / windowMs + 1e-9) + 1) * windowMs));
}

/** What broke a cap: its share above what is allowed, at the window's end or in the end. */
export function broken(end: WorldEnd, tolerance = 1e-9): readonly string[] {
  return end.windows.flatMap((truth) =>
    [truth.atEnd, truth].flatMap((sums) => {
      if (sums === undefined) return [];
      const whole = sums.group + sums.rest;
      const share = whole === 0 ? 0 : sums.group / whole;
      if (whole < truth.cap.minimumVolume || share <= truth.cap.most + tolerance) return [];
      const { id, group, measure, most } = truth.cap;
      return [`${id} (${group.by} ${group.name}, ${measure}): ${share} of ${whole} in window ${truth.window}, ${most} allowed`];
    }),
  );
}

/** One cap on tokens, at which most requests would rather be in the group: what its price costs, and how near a soft one comes. */
export function pacedWorld(random: Random, kind: ShareCap['kind'], adversary: Adversary): ShareWorld {
  const candidates = ['nvidia', 'amd', 'google'].map((vendor, index) =>
    sampleCandidate({ endpoint: sampleEndpoint({ id: `e${index}`, silicon: { vendor, chip: `${vendor}-1`, evidence: 'declared' } }) }),
  );
  const windowMs = 300_000;
  const cap: ShareCap = {
    id: 'cap',
    group: { by: 'vendor', name: 'nvidia' },
    measure: 'tokens',
    kind,
    most: kind === 'hard' ? 0.6 : 0.2 + 0.6 * random(),
    windowMs,
    minimumVolume: 100_000,
    countEmulated: false,
  };
  const dear = (): TokenPrice => ({ input: 1e-7 * (1 + 4 * random()), output: 1e-6 * (1 + 4 * random()) });
  const prices = [{ input: 1e-7 * (0.2 + random()), output: 1e-6 * (0.2 + random()) }, dear(), dear()];
  return {
    caps: [cap],
    candidates,
    prices,
    adversary,
    requests: kind === 'hard' ? 9000 : 3000,
    everyMs: kind === 'hard' ? 100 : 200,
    lateMs: windowMs / 3,
    random,
  };
}
