import { again, formatSummary, type Measurements } from './measurements.ts';
import { judgeBars } from './bars.ts';
import type { Peer } from './peers/peer.ts';
import type { Scenario } from './scenarios.ts';

export interface Setting {
  readonly lines: readonly string[];
  readonly peers: readonly { readonly peer: Peer; readonly version: string }[];
  readonly skipped: readonly string[];
  readonly scenarios: readonly Scenario[];
}

/** The result as Markdown, which a terminal shows well enough. */
export function formatReport(setting: Setting, measured: Measurements): string {
  const names = [...setting.peers.map(({ peer }) => peer.name), again, 'direct'];
  const tables = setting.scenarios.map((scenario) => formatScenario(scenario, names, measured));
  const bars = judgeBars(measured).filter(({ result }) => result !== 'not measured');
  return [
    ...setting.lines,
    `By ticks of 10 ms the costs came out within ${(100 * measured.ticksOff).toFixed(1)} % of the scheduler’s account.`,
    '',
    ...table([['who', 'what ran', 'what it does'], ...setting.peers.map(({ peer, version }) => [peer.name, version, peer.does])]),
    '',
    ...setting.skipped.map((line) => `Skipped: ${line}`),
    ...tables.flat(),
    '## Bars',
    '',
    ...table([['bar', 'result', 'found'], ...bars.map(({ text, result, found }) => [text, result, found])]),
    ...(measured.faults.length === 0
      ? []
      : ['', '## Faults: what is above is no result where these are', '', ...measured.faults.map((line) => `- ${line}`)]),
    '',
  ].join('\n');
}

function formatScenario(scenario: Scenario, names: readonly string[], measured: Measurements): string[] {
  const rows = names.flatMap((name) => {
    const cells = scenario.metrics.map((metric) => {
      const found = measured.of(metric.id, name);
      const reference = measured.of(metric.id, 'nginx');
      if (found === undefined) return undefined;
      const ratio = reference === undefined || reference.median === 0 ? '' : `, ${(found.median / reference.median).toFixed(2)} ×`;
      return `${formatSummary(metric, found)}${ratio}`;
    });
    return cells.every((cell) => cell === undefined) ? [] : [[name, ...cells.map((cell) => cell ?? '–')]];
  });
  const head = ['who', ...scenario.metrics.map(({ title, unit }) => (unit === '' ? title : `${title} (${unit})`))];
  return [`## ${scenario.title}`, '', ...table([head, ...rows]), ''];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string => `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}
