import { controlAnswers } from './control-answers.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { nearestName } from '../std/nearest-name.ts';
import { say, writeJson } from './cli-io.ts';
import { usageGroupings } from '../ledger/ledger.ts';
import { usageProblem } from './cli-problem.ts';

const groupings = usageGroupings;

export const usageCommand: Command = {
  usage: `usage [--by ${groupings.join('|')}] [--control URL] [--json]`,
  options: { by: { value: 'WHAT', summary: `What a row stands for: ${groupings.join(', ')} (default: model).` }, ...controlOptions },
  mostPositionals: 0,
  run: async (args, io) => {
    const by = args.text('by') ?? 'model';
    if (!groupings.some((name) => name === by)) {
      const near = nearestName(by, groupings);
      throw usageProblem(
        `Usage cannot be grouped by \`${by}\`. ${near === undefined ? `Give one of ${groupings.join(', ')}.` : `Did you mean \`${near}\`?`}`,
      );
    }
    const report = await controlClient(args, io).call('GET', `/control/v1/usage?groupBy=${by}`, controlAnswers.usage);
    if (args.flag('json')) {
      writeJson(io, report);
      return exitCodes.ok;
    }
    io.stdout.write(
      formatTable(
        [
          { title: by.toUpperCase(), least: 12 },
          { title: 'REQUESTS', align: 'right' },
          { title: 'ATTEMPTS', align: 'right' },
          { title: 'INPUT TOKENS', align: 'right' },
          { title: 'OUTPUT TOKENS', align: 'right' },
          { title: 'USD', align: 'right' },
          { title: 'UNPRICED', align: 'right' },
        ],
        report.rows.map((row) => [
          row.key,
          String(row.requests),
          String(row.attempts),
          String(row.inputTokens),
          String(row.outputTokens),
          // Without any priced request the sum is unknown, which is not zero.
          row.unpricedRequests >= row.requests ? '–' : row.usd.toFixed(6),
          String(row.unpricedRequests),
        ]),
      ),
    );
    if (report.openAttempts > 0) say(io, `${report.openAttempts} attempts run now.`);
    if (report.unknownAttempts > 0) say(io, `${report.unknownAttempts} attempts ended unknown: their vendor may still bill them.`);
    return exitCodes.ok;
  },
};
