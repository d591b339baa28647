import type { BoundResult, CaseResult } from './study.ts';

/** A mean over seeds with the half-width of its 95 % interval; unknown with one seed. */
export interface Spread {
  readonly mean: number;
  readonly halfWidth: number | undefined;
  readonly n: number;
}

export interface PolicySummary {
  readonly trace: string;
  readonly load: number;
  readonly policy: string;
  readonly parameters: string;
  readonly goodput: Spread;
  readonly ttftP99Ms: Spread;
  readonly tpotP99Ms: Spread;
  readonly cachedShare: Spread;
  readonly usdPerGood: Spread | undefined;
  /** The bound's mean over the same seeds, where it was asked for. */
  readonly bound: number | undefined;
  /** Goodput over the bound, both on the seeds that were bounded. */
  readonly ofBound: number | undefined;
}

/** Student's t for 95 %, by degrees of freedom from 1; beyond, the normal law's. */
const studentTs = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
];

/** The factor of a 95 % interval with so many degrees of freedom. */
export function studentT(degrees: number): number {
  return studentTs[degrees - 1] ?? 1.96;
}

export function spreadOf(values: readonly number[]): Spread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, n);
  if (n < 2) return { mean, halfWidth: undefined, n };
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  return { mean, halfWidth: (studentT(n - 1) * deviation) / Math.sqrt(n), n };
}

/** One line for each trace, load, policy and parameters, best goodput first within a load. */
export function summarise(results: readonly CaseResult[], bounds: readonly BoundResult[]): readonly PolicySummary[] {
  const groups = Map.groupBy(results, ({ trace, load, policy, parameters }) => [trace, load, policy, JSON.stringify(parameters)].join('\t'));
  return [...groups.values()]
    .flatMap((group): PolicySummary[] => {
      const [first] = group;
      if (first === undefined) return [];
      const of = (read: (result: CaseResult) => number): Spread => spreadOf(group.map(read));
      const seeds = new Set(group.map(({ seed }) => seed));
      const bound = bounds.filter(({ trace, load, seed }) => trace === first.trace && load === first.load && seeds.has(seed));
      const usd = group.flatMap((result) => (result.usd === undefined ? [] : [result.usd / Math.max(1, result.good)]));
      return [
        {
          trace: first.trace,
          load: first.load,
          policy: first.policy,
          parameters: Object.entries(first.parameters)
            .map(([name, value]) => `${name} ${value}`)
            .join(', '),
          goodput: of(({ goodput }) => goodput),
          ttftP99Ms: of(({ ttftP99Ms }) => ttftP99Ms),
          tpotP99Ms: of(({ tpotP99Ms }) => tpotP99Ms),
          cachedShare: of(({ cachedShare }) => cachedShare),
          usdPerGood: usd.length === group.length ? spreadOf(usd) : undefined,
          bound: bound.length === 0 ? undefined : spreadOf(bound.map(({ goodput }) => goodput)).mean,
          ofBound: partOfBound(group, bound),
        },
      ];
    })
    .toSorted((a, b) => a.trace.localeCompare(b.trace) || a.load - b.load || b.goodput.mean - a.goodput.mean);
}

/** Undefined where none of its seeds was bounded, or the bound is nothing. */
export function partOfBound(results: readonly CaseResult[], bounds: readonly BoundResult[]): number | undefined {
  const boundOf = new Map(bounds.map(({ seed, goodput }) => [seed, goodput]));
  const bounded = results.filter(({ seed }) => boundOf.has(seed));
  const most = bounded.reduce((sum, { seed }) => sum + (boundOf.get(seed) ?? 0), 0);
  return most === 0 ? undefined : bounded.reduce((sum, { goodput }) => sum + goodput, 0) / most;
}
