/**
 * What choice and prediction cost a request in CPU time: `npm run benchmark:decision`. The whole of
 * `policy/choose-deployments.ts` with prediction over 20 and over 1,000 deployments, and what is learned of each
 * request (its dispatch, first token and end). Of five rounds the middle one is printed, and the range of all.
 */
import { chooseDeployments } from '../../src/policy/choose-deployments.ts';
import { LearnedRouting } from '../../src/policy/choice/learned-routing.ts';
import { PredictiveChoice } from '../../src/policy/choice/predictive-choice.ts';
import { sampleCandidate, sampleDeployment, sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import { seededRandom, type Random } from '../../src/std/random.ts';
import type { Ask } from '../../src/policy/choice/ask.ts';
import type { Candidate } from '../../src/fleet/candidate.ts';

const rounds = 5;
/** Requests in flight at each deployment, so that its load is no zero. */
const inFlight = 8;
const asksKept = 4096;
const slo = { name: 'interactive', ttftMs: 2000, tpotMs: 50 };

function fleetOf(count: number, random: Random): readonly Candidate[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `endpoint-${index}`;
    const price = { inputUsdPerMtok: 0.1 + random(), cachedInputUsdPerMtok: 0.05, outputUsdPerMtok: 0.5 + random() };
    return sampleCandidate({ endpoint: sampleEndpoint({ id }), deployment: sampleDeployment(id, { model: 'm', price }) });
  });
}

/** Prompts of 2,000 tokens, whose beginnings of 1,024 come again. */
function asksOf(objective: Ask['objective'], random: Random): readonly Ask[] {
  return Array.from({ length: asksKept }, () => {
    const group = Math.floor(random() * 200);
    return {
      promptTokens: 2000,
      maxTokens: 500,
      prefixHashes: Int32Array.from({ length: 31 }, (_, block) => (block < 16 ? Math.imul(group + 1, 7919) + block : Math.floor(random() * 2 ** 31))),
      prefixBlockTokens: 64,
      slo,
      objective,
    };
  });
}

interface Costs {
  readonly decideUs: number;
  readonly learnUs: number;
}

function measure(count: number, requests: number, objective: Ask['objective']): Costs {
  const random = seededRandom(count);
  const fleet = fleetOf(count, random);
  const asks = asksOf(objective, random);
  const choice = new PredictiveChoice({ random, shares: undefined, priorOf: () => ({ from: 'none' }) });
  const routing = new LearnedRouting({ choice, shares: undefined, priceOf: ({ deployment }) => deployment.price });
  const demand = { model: 'm', provider: undefined, rules: undefined, unpublishedFields: [] };
  const chosen: Candidate[] = [];
  const underWay: number[] = [];
  let nowMs = 0;
  let turn = 0;
  const decide = (from: number, to: number): void => {
    for (let index = from; index < to; index += 1) {
      const ask = asks[index % asks.length];
      if (ask === undefined) continue;
      const found = chooseDeployments(fleet, { ...demand, turn: turn++, ranker: routing.rankerFor(ask, nowMs) });
      if (found.kind === 'candidates') chosen[index - from] = found.first;
    }
  };
  const learn = (from: number, to: number): void => {
    for (let index = from; index < to; index += 1) {
      const ask = asks[index % asks.length];
      const to_ = chosen[index - from];
      if (ask === undefined || to_ === undefined) continue;
      nowMs += 2;
      underWay.push(choice.dispatched(to_, ask, nowMs));
      if (underWay.length <= inFlight * count) continue;
      const dispatch = underWay[index % underWay.length] ?? -1;
      underWay[index % underWay.length] = underWay.pop() ?? -1;
      choice.firstToken(dispatch, nowMs + 1);
      choice.ended(dispatch, { outcome: 'ok', outputTokens: 50 + (index % 300), cachedTokens: 1024 }, nowMs + 2);
    }
  };
  const batch = 200;
  const spent = { decide: 0, learn: 0 };
  const cpuUs = (): number => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  for (let at = 0; at < requests * 1.5; at += batch) {
    const counts = at >= requests * 0.5;
    const before = cpuUs();
    decide(at, at + batch);
    const between = cpuUs();
    learn(at, at + batch);
    if (!counts) continue;
    spent.decide += between - before;
    spent.learn += cpuUs() - between;
  }
  return { decideUs: spent.decide / requests, learnUs: spent.learn / requests };
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)]?.toFixed(2)} (${sorted[0]?.toFixed(2)} to ${sorted.at(-1)?.toFixed(2)})`;
}

for (const [count, requests, objective] of [
  [20, 40_000, 'fastest'],
  [20, 40_000, 'balanced'],
  [1000, 2000, 'fastest'],
] as const) {
  const found = Array.from({ length: rounds }, () => measure(count, requests, objective));
  console.log(
    `${String(count).padStart(4)} deployments, ${objective.padEnd(8)}: decision ${spread(found.map(({ decideUs }) => decideUs))} µs, learning ${spread(found.map(({ learnUs }) => learnUs))} µs CPU a request`,
  );
}
