import { concentrationOf, emulatedTokens, sharesOverTime, vendorShares } from './vendor-shares.ts';
import { describeDependence } from './describe-dependence.ts';
import { outageBounds, withoutSecondSource, type OutageQuestion } from './outage-bounds.ts';
import type { CapStanding, DependenceReport } from './dependence-report.ts';
import type { FleetPlace, LoadRow } from './load-row.ts';

/** As many points as a plot can show. */
const mostPoints = 96;

export interface DependenceFacts {
  readonly asOfWallMs: number;
  readonly windowMs: number;
  /** The ledger's sums, judged by each class's SLO; the sums themselves are the same in all. */
  readonly loads: readonly { readonly sloClass: string; readonly rows: readonly LoadRow[] }[];
  readonly places: readonly FleetPlace[];
  readonly caps: readonly CapStanding[];
  readonly question: Omit<OutageQuestion, 'sloClass'>;
}

export function reportDependence({ asOfWallMs, windowMs, loads, places, caps, question }: DependenceFacts): DependenceReport {
  const rows = loads[0]?.rows ?? [];
  const shares = vendorShares(rows, question.controlGroupOf);
  const outages = loads.flatMap(({ sloClass, rows: judged }) => outageBounds(judged, places, { ...question, sloClass }));
  const alone = withoutSecondSource(places, question.controlGroupOf);
  const { bucketMs } = question;
  return {
    asOfWallMs,
    windowMs,
    sentence: describeDependence(shares, outages, alone),
    shares,
    emulatedTokens: emulatedTokens(rows),
    concentration: concentrationOf(shares),
    caps,
    overTime: sharesOverTime(rows, Math.max(bucketMs, Math.ceil(windowMs / mostPoints / bucketMs) * bucketMs)),
    // Models that nothing stands in for come first.
    outages: outages.toSorted((a, b) => Number(alone.includes(b.model)) - Number(alone.includes(a.model))),
    withoutSecondSource: alone,
  };
}
