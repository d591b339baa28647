import { drawExponential, drawGamma, drawLogNormal, drawWhole } from './draw.ts';
import { noPrefix, type TraceRequest } from './trace.ts';
import type { Random } from '../../std/random.ts';

/** How requests follow one another. */
export type ArrivalProcess =
  | { readonly kind: 'poisson'; readonly perSecond: number }
  /** Gaps by a gamma law: `cv` is their deviation over their mean, 1 is Poisson, more is burstier. */
  | { readonly kind: 'gamma'; readonly perSecond: number; readonly cv: number }
  /** Poisson whose rate is `factor` times as high for `onMs` of every `everyMs`; the mean over all is `perSecond`. */
  | { readonly kind: 'bursts'; readonly perSecond: number; readonly factor: number; readonly onMs: number; readonly everyMs: number };

export interface Lengths {
  readonly median: number;
  /** Spread of the logarithm; 0 is always the median. */
  readonly sigma: number;
  readonly most: number;
}

export interface SyntheticOptions {
  readonly arrivals: ArrivalProcess;
  readonly requests: number;
  readonly model: string;
  readonly sloClass: string;
  readonly prompt: Lengths;
  readonly output: Lengths;
  /** So many groups share beginnings of so many tokens; each of its members repeats. Undefined: nobody shares. */
  readonly shared?: { readonly groups: number; readonly tokens: number; readonly membersPerGroup: number };
  readonly prefixBlockTokens: number;
  readonly random: Random;
}

/** Requests by stated laws: what a real trace cannot vary. */
export function* syntheticTrace(options: SyntheticOptions): Generator<TraceRequest, undefined> {
  const { random, shared, prefixBlockTokens } = options;
  let atMs = 0;
  for (let made = 0; made < options.requests; made += 1) {
    atMs += gapMs(options.arrivals, atMs, random);
    const promptTokens = drawLength(options.prompt, random);
    yield {
      atMs,
      model: options.model,
      promptTokens,
      outputTokens: drawLength(options.output, random),
      maxTokens: undefined,
      prefixHashes: shared === undefined ? noPrefix : sharedHashes(shared, promptTokens, prefixBlockTokens, random),
      prefixBlockTokens,
      sloClass: options.sloClass,
    };
  }
  return undefined;
}

function drawLength({ median, sigma, most }: Lengths, random: Random): number {
  return Math.max(1, Math.min(most, Math.round(drawLogNormal(random, median, sigma))));
}

function gapMs(process: ArrivalProcess, atMs: number, random: Random): number {
  const meanMs = 1000 / process.perSecond;
  switch (process.kind) {
    case 'poisson':
      return drawExponential(random, meanMs);
    case 'gamma': {
      const shape = 1 / (process.cv * process.cv);
      return drawGamma(random, shape, meanMs / shape);
    }
    case 'bursts':
      return burstGapMs(process, atMs, random);
  }
}

/** Draws the work that is to come and walks through the rate's steps until it is done: exact for steps of any length. */
function burstGapMs(process: ArrivalProcess & { kind: 'bursts' }, atMs: number, random: Random): number {
  const { perSecond, factor, onMs, everyMs } = process;
  const calm = (perSecond * everyMs) / (everyMs - onMs + factor * onMs) / 1000;
  let left = drawExponential(random, 1);
  let now = atMs;
  for (;;) {
    const phase = now % everyMs;
    const isOn = phase < onMs;
    const rate = isOn ? calm * factor : calm;
    const stretchMs = (isOn ? onMs : everyMs) - phase;
    if (left <= stretchMs * rate) return now + left / rate - atMs;
    left -= stretchMs * rate;
    now += stretchMs;
  }
}

/** Ids of a group's blocks come first; those of a member's own prompt follow, so that a repeated prompt is known whole. */
function sharedHashes(shared: NonNullable<SyntheticOptions['shared']>, promptTokens: number, blockTokens: number, random: Random): Int32Array {
  const group = drawWhole(random, shared.groups);
  const member = drawWhole(random, shared.membersPerGroup);
  const blocks = Math.floor(promptTokens / blockTokens);
  const common = Math.min(blocks, Math.floor(shared.tokens / blockTokens));
  const perGroup = 1 << 20;
  return Int32Array.from({ length: blocks }, (_, index) =>
    index < common ? group * 4096 + index : perGroup * 512 + (group * shared.membersPerGroup + member) * 4096 + index,
  );
}
