import type { EmulatedBatch } from './emulated-batch.ts';
import type { HoldReport } from './hold-report.ts';

/** The emulator's own metrics in Prometheus' text format; every name says that it speaks of an emulator. */
export function holdMetrics(report: HoldReport, batch: EmulatedBatch): string {
  const label = `{profile="${report.profileId}"}`;
  const lines: string[] = [];
  const metric = (name: string, type: 'gauge' | 'counter', help: string, value: number | undefined, labels = label): void => {
    if (value === undefined) return;
    lines.push(
      `# HELP second_source_emulator_${name} ${help}`,
      `# TYPE second_source_emulator_${name} ${type}`,
      `second_source_emulator_${name}${labels} ${value}`,
    );
  };
  metric(
    'held',
    'gauge',
    'Whether this machine held the emulated profile: 1 yes, 0 no, absent where unknown.',
    { yes: 1, no: 0, unknown: undefined }[report.held],
  );
  metric('answers_total', 'counter', 'Answers paced to their end without a fault.', report.answers);
  metric('tokens_total', 'counter', 'Tokens of those answers.', report.tokens);
  metric(
    'lateness_p99_seconds',
    'gauge',
    'How late events were sent after their schedule, 99th percentile of the latest.',
    seconds(report.latenessMs?.p99),
  );
  metric('stretch_p95', 'gauge', 'Time that answers took, divided by their schedule, 95th percentile of the latest.', report.stretchP95);
  metric('late_by_engine_total', 'counter', 'Events late because the wrapped engine was slower than the profile.', report.lateByEngine);
  metric('engine_failures_total', 'counter', 'Requests that the wrapped engine refused, broke off or was not there for.', report.engineFailures);
  metric('running', 'gauge', 'Requests in the emulated batch.', batch.running());
  metric('waiting', 'gauge', 'Requests waiting for the emulated batch.', batch.waiting());
  return `${lines.join('\n')}\n`;
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000;
}
