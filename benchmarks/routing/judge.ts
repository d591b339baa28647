import { equalGoodput } from '../../src/simulate/study/equal-goodput.ts';
import { mixedFleetUsdPerHour } from './fleets.ts';
import { verdictsOn } from '../../src/simulate/study/verdicts.ts';
import type { BoundResult, CaseResult } from '../../src/simulate/study/study.ts';
import type { Judgement, PartOfSum } from '../../src/simulate/report/judgement-section.ts';

export const ours = 'second-source';
/** The goodput at which costs are compared: a service that keeps nine promises of ten. */
const equal = 0.9;
/** Of the sum of the parts. */
const partBar = 0.9;

/** `rates`: requests a second at load 1, for each trace whose costs are compared. */
export function judge(
  results: readonly CaseResult[],
  bounds: readonly BoundResult[],
  rates: ReadonlyMap<string, number>,
  parts: readonly PartOfSum[],
): Judgement {
  return {
    ours,
    parts,
    partBar,
    verdicts: verdictsOn(ours, results, bounds),
    costs: [...rates].map(([trace, fullRate]) => ({
      trace,
      goodput: equal,
      fullRate,
      rentUsdPerHour: mixedFleetUsdPerHour,
      lines: equalGoodput(
        results.filter((result) => result.trace === trace),
        { ours, goodput: equal, fullRate, rentUsdPerHour: mixedFleetUsdPerHour },
      ),
    })),
  };
}
