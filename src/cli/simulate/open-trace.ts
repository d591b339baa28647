import { readLines } from './read-lines.ts';
import { readTrace } from '../../simulate/trace/read-trace.ts';
import { seededRandom } from '../../std/random.ts';
import { shapeTrace } from '../../simulate/trace/shape-trace.ts';
import { threeVendorBlockTokens, threeVendorTrace } from '../../simulate/calibrate/three-vendor-pools.ts';
import { syntheticTrace, type ArrivalProcess } from '../../simulate/trace/synthetic-trace.ts';
import type { Trace } from '../../simulate/trace/trace.ts';

/** Where requests come from: a file, or a law such as `poisson:50`. */
export type TraceOrigin =
  | { readonly kind: 'file'; readonly path: string; readonly skip: number }
  | { readonly kind: 'law'; readonly arrivals: ArrivalProcess }
  /** The workload of the three vendors' runs: few prompts that come again and again, after a warm-up. */
  | { readonly kind: 'three-vendor'; readonly perSecond: number };

export interface TraceUse {
  readonly requests: number;
  /** How many times as fast as it was recorded, or as its law says. */
  readonly load: number;
  readonly seed: number;
  readonly sloClass: string;
}

/** Blocks by which prompts are compared: Mooncake's size, so that all traces fit the same engines. */
const prefixBlockTokens = 512;
/** Gaps of recorded traces vary by so much, up or down, from seed to seed. */
const jitter = 0.3;

/** The size of the blocks in which this trace's prompts are hashed. */
export function blockTokensOf({ kind }: TraceOrigin): number {
  return kind === 'three-vendor' ? threeVendorBlockTokens : prefixBlockTokens;
}

/** `poisson:RATE`, `gamma:RATE:CV`, `bursts:RATE:FACTOR`, or else the path of a file; undefined for a law that is wrong. */
export function traceOrigin(text: string): Exclude<TraceOrigin, { kind: 'three-vendor' }> | undefined {
  const [law, ...numbers] = text.split(':');
  if (law !== 'poisson' && law !== 'gamma' && law !== 'bursts') return { kind: 'file', path: text, skip: 0 };
  const [perSecond = Number.NaN, shape = law === 'gamma' ? 2 : 5] = numbers.map(Number);
  if (!(perSecond > 0 && perSecond < 1e6 && shape > 0 && shape < 1000) || numbers.length > 2) return undefined;
  switch (law) {
    case 'poisson':
      return { kind: 'law', arrivals: { kind: 'poisson', perSecond } };
    case 'gamma':
      return { kind: 'law', arrivals: { kind: 'gamma', perSecond, cv: shape } };
    case 'bursts':
      return { kind: 'law', arrivals: { kind: 'bursts', perSecond, factor: shape, onMs: 10_000, everyMs: 60_000 } };
  }
}

/** Opens the trace anew for one run. */
export function openTrace(origin: TraceOrigin, { requests, load, seed, sloClass }: TraceUse): Trace {
  if (origin.kind === 'three-vendor')
    return threeVendorTrace({ requests, perSecond: origin.perSecond * load, promptTokens: 7546, outputTokens: 1040 }, seed);
  const random = seededRandom(seed * 7919 + 1);
  const named = { model: 'm', sloClass, prefixBlockTokens };
  const whole =
    origin.kind === 'file'
      ? readTrace(readLines(origin.path), named)
      : syntheticTrace({
          ...named,
          arrivals: origin.arrivals,
          requests,
          // The medians and spreads of Azure's conversation trace, roughly.
          prompt: { median: 1020, sigma: 0.9, most: 8000 },
          output: { median: 130, sigma: 0.9, most: 1500 },
          random,
        });
  return shapeTrace(whole, {
    skip: origin.kind === 'file' ? origin.skip : 0,
    most: requests,
    speed: load,
    jitter: origin.kind === 'file' ? jitter : 0,
    random,
  });
}
