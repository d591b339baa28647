import { spreadOf, studentT } from './summarise.ts';
import type { CaseResult } from './study.ts';

/**
 * What a good request costs under each policy where all have the same goodput: each at the highest load at which it
 * still keeps it. Between two loads that were run, goodput and cost go in a straight line.
 */
export interface EqualGoodput {
  readonly trace: string;
  readonly policy: string;
  readonly goodput: number;
  /** `least`: it kept the goodput at every load that was run, so the load may be higher; `none`: at none of them. */
  readonly load: { readonly kind: 'found' | 'least'; readonly load: number } | { readonly kind: 'none' };
  /** The fleet's rent for an hour ÷ good requests in that hour, US dollars; undefined at no load. */
  readonly rentUsdPerGood: number | undefined;
  /** What its tokens cost by the endpoints' prices ÷ good requests; undefined at no load or where a price is missing. */
  readonly tokenUsdPerGood: number | undefined;
  /** Undefined where ours has no such load, or the policy none of its own. */
  readonly rentOverOurs: CostRatio | undefined;
}

/** A policy's rent over that of ours, with the ends of its 95 % interval (jackknife over the seeds). */
export interface CostRatio {
  readonly ratio: number;
  readonly from: number;
  readonly to: number;
  /** Ours kept the goodput at every load that was run, so the ratio is at least this. */
  readonly isLeast: boolean;
}

export interface EqualGoodputOptions {
  readonly ours: string;
  readonly goodput: number;
  /** Requests a second at load 1. */
  readonly fullRate: number;
  /** Of the whole fleet. */
  readonly rentUsdPerHour: number;
}

interface Point {
  readonly load: number;
  readonly goodput: number;
  readonly tokenUsdPerGood: number | undefined;
}

/** Compares the policies of one trace. */
export function equalGoodput(
  results: readonly CaseResult[],
  { ours, goodput, fullRate, rentUsdPerHour }: EqualGoodputOptions,
): readonly EqualGoodput[] {
  const byPolicy = Map.groupBy(results, ({ policy }) => policy);
  const own = byPolicy.get(ours) ?? [];
  return [...byPolicy].map(([policy, runs]): EqualGoodput => {
    const { load, at } = crossing(curveOf(runs), goodput);
    const ratio = policy === ours ? undefined : jackknifeRatio(own, runs, goodput);
    return {
      trace: runs[0]?.trace ?? '',
      policy,
      goodput,
      load,
      rentUsdPerGood: at === undefined ? undefined : rentUsdPerHour / (3600 * fullRate * at.load * at.goodput),
      tokenUsdPerGood: at?.tokenUsdPerGood,
      rentOverOurs: ratio,
    };
  });
}

/** The means over seeds at each load, lowest load first. */
function curveOf(runs: readonly CaseResult[]): readonly Point[] {
  return [...Map.groupBy(runs, ({ load }) => load)]
    .map(([load, group]): Point => {
      const usd = group.flatMap((run) => (run.usd === undefined ? [] : [run.usd]));
      const good = group.reduce((sum, run) => sum + run.good, 0);
      return {
        load,
        goodput: spreadOf(group.map((run) => run.goodput)).mean,
        tokenUsdPerGood: usd.length < group.length || good === 0 ? undefined : usd.reduce((sum, one) => sum + one, 0) / good,
      };
    })
    .toSorted((a, b) => a.load - b.load);
}

/** Where the curve falls below `wanted` for good. */
function crossing(curve: readonly Point[], wanted: number): { readonly load: EqualGoodput['load']; readonly at: Point | undefined } {
  const last = curve.findLastIndex((point) => point.goodput >= wanted);
  const before = curve[last];
  if (before === undefined) return { load: { kind: 'none' }, at: undefined };
  const after = curve[last + 1];
  if (after === undefined) return { load: { kind: 'least', load: before.load }, at: before };
  const part = (before.goodput - wanted) / (before.goodput - after.goodput);
  const between = (a: number, b: number): number => a + part * (b - a);
  const { tokenUsdPerGood: dear } = after;
  const at: Point = {
    load: between(before.load, after.load),
    goodput: wanted,
    tokenUsdPerGood: before.tokenUsdPerGood === undefined || dear === undefined ? undefined : between(before.tokenUsdPerGood, dear),
  };
  return { load: { kind: 'found', load: at.load }, at };
}

/** How much dearer than ours, in logarithms, leaving out one seed after another. */
function jackknifeRatio(own: readonly CaseResult[], other: readonly CaseResult[], wanted: number): CostRatio | undefined {
  const logRatio = (without: number | undefined): number | undefined => {
    const [ours, theirs] = [own, other].map((runs) => crossing(curveOf(runs.filter(({ seed }) => seed !== without)), wanted).load);
    return ours !== undefined && ours.kind !== 'none' && theirs?.kind === 'found' ? Math.log(ours.load / theirs.load) : undefined;
  };
  const whole = logRatio(undefined);
  const seeds = [...new Set(own.map(({ seed }) => seed))];
  const parts = seeds.flatMap((seed) => logRatio(seed) ?? []);
  const n = seeds.length;
  if (whole === undefined || parts.length < n || n < 2) return undefined;
  const mean = parts.reduce((sum, part) => sum + part, 0) / n;
  const error = Math.sqrt(((n - 1) / n) * parts.reduce((sum, part) => sum + (part - mean) ** 2, 0));
  const half = studentT(n - 1) * error;
  return {
    ratio: Math.exp(whole),
    from: Math.exp(whole - half),
    to: Math.exp(whole + half),
    isLeast: crossing(curveOf(own), wanted).load.kind === 'least',
  };
}
