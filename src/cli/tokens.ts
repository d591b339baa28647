import { z } from 'zod';
import { chooseAction, needed } from './choose-action.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { formatWhen } from './format-when.ts';
import { say, writeJson } from './cli-io.ts';

const tokenSchema = z.object({ id: z.string(), name: z.string(), role: z.string(), expiresAtWallMs: z.number() });
const path = '/control/v1/tokens';

export const tokensCommand: Command = {
  usage: 'tokens [list | create NAME --role ROLE [--days N] | revoke ID] [--control URL] [--json]',
  options: {
    role: { value: 'ROLE', summary: 'viewer, operator or admin.' },
    days: { value: 'N', summary: 'How long it holds (default: 90, at most 365).' },
    ...controlOptions,
  },
  mostPositionals: 2,
  run: async (args, io) => {
    const action = chooseAction('tokens', ['list', 'create', 'revoke'], args.positionals[0]);
    const client = controlClient(args, io);
    if (action === 'list') {
      const { tokens } = await client.call('GET', path, z.object({ tokens: z.array(tokenSchema) }));
      if (args.flag('json')) writeJson(io, { tokens });
      else
        io.stdout.write(
          formatTable(
            [{ title: 'ID', least: 12 }, { title: 'NAME', least: 8 }, { title: 'ROLE' }, { title: 'EXPIRES' }],
            tokens.map(({ id, name, role, expiresAtWallMs }) => [id, name, role, formatWhen(expiresAtWallMs)]),
          ),
        );
      return exitCodes.ok;
    }
    const which = needed(
      args.positionals[1],
      action === 'create' ? 'What is it for? Give `tokens create NAME`.' : 'Which one? Give `tokens revoke ID`.',
    );
    if (action === 'revoke') {
      await client.call('DELETE', `${path}/${encodeURIComponent(which)}`, z.object({ id: z.string() }));
      say(io, `${which} is revoked.`);
      return exitCodes.ok;
    }
    const days = args.wholeNumber('days', 1, 365);
    const role = needed(args.text('role'), 'Which role? Give --role viewer, operator or admin.');
    const made = await client.call('POST', path, tokenSchema.extend({ token: z.string() }), {
      name: which,
      role,
      ...(days === undefined ? {} : { days }),
    });
    if (args.flag('json')) writeJson(io, made);
    else io.stdout.write(`${made.token}\n`);
    say(io, `It is shown this once, and holds until ${formatWhen(made.expiresAtWallMs)}. The CLI takes it from SECOND_SOURCE_CONTROL_TOKEN.`);
    return exitCodes.ok;
  },
};
