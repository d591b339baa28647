import { partOfBound, spreadOf, type Spread } from './summarise.ts';
import type { BoundResult, CaseResult } from './study.ts';

/** What is asked of ours at a load: not to lose to anybody, or to be ahead of everybody. */
export type Demand = 'not worse' | 'ahead';

/** `not shown`: the interval allows both. `missed`: it says the opposite. */
export type VerdictOutcome = 'held' | 'not shown' | 'missed';

export interface RivalVerdict {
  readonly rival: string;
  /** Goodput of ours minus the rival's, with the same seed on the same trace, over the seeds. */
  readonly difference: Spread;
  readonly outcome: VerdictOutcome;
}

export interface Verdict {
  readonly trace: string;
  readonly load: number;
  readonly demand: Demand;
  /** The rival that comes nearest, or is furthest ahead, first. */
  readonly rivals: readonly RivalVerdict[];
  /** The worst of them all. */
  readonly outcome: VerdictOutcome;
  readonly goodput: Spread;
  /** Goodput over the bound's, on the seeds that were bounded; undefined without any. */
  readonly ofBound: number | undefined;
}

/** From this load on ours must be ahead; below, not worse. */
const aheadFromLoad = 0.85;
/** Of all requests: who differs by less is not worse. */
const indifference = 0.005;

/** Judges `ours` against every other policy of each trace and load by paired differences. */
export function verdictsOn(
  ours: string,
  results: readonly CaseResult[],
  bounds: readonly BoundResult[],
  aheadFrom = aheadFromLoad,
): readonly Verdict[] {
  const worlds = Map.groupBy(results, ({ trace, load }) => `${trace}\t${load}`);
  return [...worlds.values()].flatMap((world): Verdict[] => {
    const own = world.filter(({ policy }) => policy === ours);
    const [first] = own;
    if (first === undefined) return [];
    const { trace, load } = first;
    const demand: Demand = load >= aheadFrom ? 'ahead' : 'not worse';
    const rivals = [...Map.groupBy(world, ({ policy }) => policy)]
      .filter(([policy]) => policy !== ours)
      .map(([rival, others]): RivalVerdict => {
        const difference = spreadOf(pairedDifferences(own, others));
        return { rival, difference, outcome: outcomeOf(difference, demand) };
      })
      .toSorted((a, b) => a.difference.mean - b.difference.mean);
    const bound = bounds.filter((one) => one.trace === trace && one.load === load);
    return [
      {
        trace,
        load,
        demand,
        rivals,
        outcome: worstOf(rivals.map(({ outcome }) => outcome)),
        goodput: spreadOf(own.map(({ goodput }) => goodput)),
        ofBound: partOfBound(own, bound),
      },
    ];
  });
}

function pairedDifferences(own: readonly CaseResult[], others: readonly CaseResult[]): readonly number[] {
  const bySeed = new Map(others.map(({ seed, goodput }) => [seed, goodput]));
  return own.flatMap(({ seed, goodput }) => {
    const other = bySeed.get(seed);
    return other === undefined ? [] : [goodput - other];
  });
}

function outcomeOf({ mean, halfWidth }: Spread, demand: Demand): VerdictOutcome {
  if (halfWidth === undefined) return 'not shown';
  const least = demand === 'ahead' ? 0 : -indifference;
  // Equal on every seed is not ahead, and the interval then has no width to say so.
  if (demand === 'ahead' ? mean - halfWidth > least : mean - halfWidth >= least) return 'held';
  return mean + halfWidth < least ? 'missed' : 'not shown';
}

function worstOf(outcomes: readonly VerdictOutcome[]): VerdictOutcome {
  if (outcomes.includes('missed')) return 'missed';
  return outcomes.includes('not shown') ? 'not shown' : 'held';
}
