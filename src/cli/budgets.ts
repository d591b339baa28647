import { z } from 'zod';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { formatWhen } from './format-when.ts';
import { writeJson } from './cli-io.ts';

const answerSchema = z.object({
  budgets: z.array(
    z.object({
      level: z.string(),
      id: z.string(),
      of: z.string(),
      period: z.string(),
      most: z.number(),
      spent: z.number(),
      reserved: z.number(),
      endsAtWallMs: z.number(),
    }),
  ),
});

/** Budgets are set as any other part of the configuration: `config set budgets/teams/TEAM/usdPerDay 50`. */
export const budgetsCommand: Command = {
  usage: 'budgets [--control URL] [--json]',
  options: controlOptions,
  mostPositionals: 0,
  run: async (args, io) => {
    const answer = await controlClient(args, io).call('GET', '/control/v1/budgets/standing', answerSchema);
    if (args.flag('json')) {
      writeJson(io, answer);
      return exitCodes.ok;
    }
    const amount = (of: string, value: number): string => (of === 'usd' ? value.toFixed(6) : String(value));
    io.stdout.write(
      formatTable(
        [
          { title: 'WHOSE', least: 12 },
          { title: 'OF' },
          { title: 'A' },
          { title: 'SPENT', align: 'right' },
          { title: 'RESERVED', align: 'right' },
          { title: 'MOST', align: 'right' },
          { title: 'UNTIL' },
        ],
        answer.budgets.map(({ level, id, of, period, spent, reserved, most, endsAtWallMs }) => [
          level === 'whole' ? 'all together' : `${level} ${id}`,
          of,
          period,
          amount(of, spent),
          amount(of, reserved),
          amount(of, most),
          formatWhen(endsAtWallMs),
        ]),
      ),
    );
    return exitCodes.ok;
  },
};
