import type { Verdict } from './outside/oracle.ts';
import type { WorldReport } from './judge-world.ts';

export interface Totals extends Readonly<Record<Verdict, number>> {
  readonly worlds: number;
  readonly requests: number;
  readonly attempts: number;
  readonly continued: number;
  readonly virtualMs: number;
}

/** What many worlds came to. */
export function sumReports(reports: readonly WorldReport[]): Totals {
  const sum = (of: (report: WorldReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  return {
    worlds: reports.length,
    requests: sum(({ requests }) => requests),
    attempts: sum(({ attempts }) => attempts),
    continued: sum(({ continued }) => continued),
    virtualMs: sum(({ virtualMs }) => virtualMs),
    complete: sum(({ verdicts }) => verdicts.complete),
    'honest error': sum(({ verdicts }) => verdicts['honest error']),
    refused: sum(({ verdicts }) => verdicts.refused),
    left: sum(({ verdicts }) => verdicts.left),
    stalled: sum(({ verdicts }) => verdicts.stalled),
  };
}
