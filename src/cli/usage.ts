import { controlAnswers } from './control-answers.ts';
import { exitCodes } from './exit-codes.ts';
import { exportUsageFile } from './usage-export.ts';
import { formatTable } from './format-table.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { groupingNames, readGrouping } from '../ledger/read-grouping.ts';
import { readWindow } from '../ledger/read-window.ts';
import { say, writeJson, type CliIo } from './cli-io.ts';
import { usageProblem } from './cli-problem.ts';
import type { Arguments } from './parse-arguments.ts';

const groupings = groupingNames.join(', ');

export const usageCommand: Command = {
  usage:
    'usage [export] [--by WHAT] [--from TIME] [--to TIME] [--format csv|parquet] [--rows charges|attempts] [--out FILE] [--control URL] [--json]',
  options: {
    by: { value: 'WHAT', summary: `What a row stands for: ${groupings} (default: model); an export takes several, as in day,key.` },
    from: { value: 'TIME', summary: 'A day of UTC (2026-11-25), a moment (2026-11-25T13:00:00Z), or hours or days ago (24h, 30d).' },
    to: { value: 'TIME', summary: 'The same; what is at that time is left out (default: now).' },
    format: { value: 'FORMAT', summary: 'Of an export: csv or parquet (default: csv).' },
    rows: { value: 'ROWS', summary: 'Of an export without --by: charges or attempts, one by one (default: charges).' },
    out: { value: 'FILE', summary: 'Where an export is written; a CSV goes to standard output otherwise.' },
    ...controlOptions,
  },
  mostPositionals: 1,
  run: async (args, io) => {
    const [what] = args.positionals;
    if (what !== undefined && what !== 'export') throw usageProblem(`\`usage ${what}\` does not exist. Did you mean \`usage export\`?`);
    return what === 'export' ? exportUsageFile(args, io) : showUsage(args, io);
  },
};

async function showUsage(args: Arguments, io: CliIo): Promise<number> {
  const grouping = readGrouping('--by', args.text('by') ?? 'model');
  if (!grouping.ok) throw usageProblem(grouping.failure.detail);
  const times = new URLSearchParams();
  for (const { name, value } of args.given) if (name === 'from' || name === 'to') times.append(name, value);
  const window = readWindow(times, Date.now());
  if (!window.ok) throw usageProblem(window.failure.detail);
  const query = new URLSearchParams({ groupBy: grouping.value });
  for (const [name, wallMs] of Object.entries(window.value)) if (typeof wallMs === 'number') query.set(name, String(wallMs));
  const report = await controlClient(args, io).call('GET', `/control/v1/usage?${query.toString()}`, controlAnswers.usage);
  if (args.flag('json')) {
    writeJson(io, report);
    return exitCodes.ok;
  }
  io.stdout.write(
    formatTable(
      [
        { title: grouping.value === 'tenant' ? 'TEAM' : grouping.value.toUpperCase(), least: 12 },
        { title: 'REQUESTS', align: 'right' },
        { title: 'ATTEMPTS', align: 'right' },
        { title: 'INPUT TOKENS', align: 'right' },
        { title: 'OUTPUT TOKENS', align: 'right' },
        { title: 'USD', align: 'right' },
        { title: 'UNPRICED', align: 'right' },
        { title: 'LOST USD', align: 'right' },
      ],
      report.rows.map((row) => [
        row.key === '' ? '(none)' : row.key,
        String(row.requests),
        String(row.attempts),
        String(row.inputTokens),
        String(row.outputTokens),
        // Without any priced request the sum is unknown, which is not zero.
        row.unpricedRequests >= row.requests ? '–' : row.usd.toFixed(6),
        String(row.unpricedRequests),
        row.lostUsd.toFixed(6),
      ]),
    ),
  );
  if (report.openAttempts > 0) say(io, `${report.openAttempts} attempts run now.`);
  if (report.unknownAttempts > 0) say(io, `${report.unknownAttempts} attempts ended unknown: their vendor may still bill them.`);
  return exitCodes.ok;
}
