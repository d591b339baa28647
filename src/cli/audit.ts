import { z } from 'zod';
import { chooseAction } from './choose-action.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { say, writeJson } from './cli-io.ts';

const path = '/control/v1/audit';
const entrySchema = z.object({
  seq: z.number(),
  at: z.string(),
  actor: z.object({ kind: z.string(), name: z.string(), role: z.string(), address: z.string() }),
  action: z.string(),
  target: z.string(),
  outcome: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  note: z.string().nullable(),
});
const verdictSchema = z.object({
  intact: z.boolean(),
  entries: z.number(),
  head: z.object({ seq: z.number(), hash: z.string() }).nullable(),
  problems: z.array(z.string()),
});

export const auditCommand: Command = {
  usage: 'audit [list [--limit N] | verify | export] [--control URL] [--json]',
  options: { limit: { value: 'N', summary: 'How many entries, the newest first (default: 50, at most 1000).' }, ...controlOptions },
  mostPositionals: 1,
  run: async (args, io) => {
    const action = chooseAction('audit', ['list', 'verify', 'export'], args.positionals[0]);
    const client = controlClient(args, io);
    if (action === 'export') {
      for await (const piece of (await client.stream(`${path}/export`)).body) io.stdout.write(String(piece));
      return exitCodes.ok;
    }
    if (action === 'verify') {
      const verdict = await client.call('GET', `${path}/verify`, verdictSchema);
      if (args.flag('json')) writeJson(io, verdict);
      else if (verdict.intact) io.stdout.write(`intact: ${verdict.entries} entries, head ${verdict.head?.hash ?? 'none'}\n`);
      for (const problem of verdict.problems) say(io, problem);
      return verdict.intact ? exitCodes.ok : exitCodes.gate;
    }
    const { entries } = await client.call(
      'GET',
      `${path}?limit=${args.wholeNumber('limit', 1, 1000) ?? 50}`,
      z.object({ entries: z.array(entrySchema) }),
    );
    if (args.flag('json')) writeJson(io, { entries });
    else
      io.stdout.write(
        formatTable(
          [
            { title: 'NO', align: 'right' },
            { title: 'WHEN' },
            { title: 'WHO' },
            { title: 'FROM' },
            { title: 'WHAT' },
            { title: 'TO', least: 12 },
            { title: 'OUTCOME' },
          ],
          entries.map(({ seq, at, actor, action: what, target, outcome }) => [
            String(seq),
            at.replace(/\.\d+Z$/, 'Z'),
            `${actor.name} (${actor.role})`,
            actor.address,
            what,
            target,
            outcome,
          ]),
        ),
      );
    return exitCodes.ok;
  },
};
