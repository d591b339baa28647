/**
 * One line of the report. `held` and `missed` are judged against what the project promises; `unclear` could not be
 * judged, because the machine was too busy to tell; `measured` is told without a promise; `skipped` says why there is
 * nothing to tell.
 */
export interface Finding {
  readonly check: 'chain' | 'continuation' | 'failover' | 'engine' | 'doctor' | 'sdks';
  readonly subject: string;
  readonly result: 'held' | 'missed' | 'unclear' | 'measured' | 'skipped';
  readonly what: string;
}

const titles: Readonly<Record<Finding['check'], string>> = {
  chain: 'The chain: an answer that loses two engines',
  continuation: 'Continuation across engines',
  failover: 'Failover',
  engine: 'Each engine alone, through the gateway',
  doctor: 'What `doctor` finds by itself',
  sdks: 'Every SDK to every engine, with the profile that `doctor` found',
};

/** The report as Markdown, so that it can stand in the documentation as it was printed. */
export function formatFindings(findings: readonly Finding[]): string {
  const checks = [...new Set(findings.map(({ check }) => check))];
  return checks.map((check) => `### ${titles[check]}\n\n| | result | |\n|---|---|---|\n${rows(findings, check)}`).join('\n');
}

function rows(findings: readonly Finding[], check: Finding['check']): string {
  return findings
    .filter((finding) => finding.check === check)
    .map(
      ({ subject, result, what }) =>
        `| ${[subject, result, what].map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')).join(' | ')} |\n`,
    )
    .join('');
}
