import { z } from 'zod';
import { chooseAction, needed } from './choose-action.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { formatWhen } from './format-when.ts';
import { say, writeJson } from './cli-io.ts';

const userSchema = z.object({ name: z.string(), role: z.string(), totp: z.boolean(), changedAtWallMs: z.number() });
const actions = ['list', 'add', 'set-role', 'set-password', 'remove', 'remove-totp'] as const;
const path = '/control/v1/users';

export const usersCommand: Command = {
  usage:
    'users [list | add NAME --role ROLE | set-role NAME --role ROLE | set-password NAME | remove NAME | remove-totp NAME] [--control URL] [--json]',
  options: {
    role: { value: 'ROLE', summary: 'viewer (sees), operator (plugs, unplugs, asks) or admin (everything).' },
    ...controlOptions,
  },
  mostPositionals: 2,
  run: async (args, io) => {
    const action = chooseAction('users', actions, args.positionals[0]);
    const client = controlClient(args, io);
    if (action === 'list') {
      const { users } = await client.call('GET', path, z.object({ users: z.array(userSchema) }));
      if (args.flag('json')) writeJson(io, { users });
      else
        io.stdout.write(
          formatTable(
            [{ title: 'USER', least: 8 }, { title: 'ROLE' }, { title: 'SECOND FACTOR' }, { title: 'CHANGED' }],
            users.map(({ name, role, totp, changedAtWallMs }) => [name, role, totp ? 'yes' : 'no', formatWhen(changedAtWallMs)]),
          ),
        );
      return exitCodes.ok;
    }
    const name = needed(args.positionals[1], `Whom? Give \`users ${action} NAME\`.`);
    const one = `${path}/${encodeURIComponent(name)}`;
    const role = args.text('role');
    const roleNeeded = (): string => needed(role, 'Which role? Give --role viewer, operator or admin.');
    // Never on the command line, where other users of the machine could read it.
    const password = (): Promise<string> => io.readSecret(`New password of ${name} (12 characters at least): `);
    switch (action) {
      case 'add':
        await client.call('POST', path, userSchema, { name, role: roleNeeded(), password: await password() });
        break;
      case 'set-role':
        await client.call('PUT', one, userSchema, { role: roleNeeded() });
        break;
      case 'set-password':
        await client.call('PUT', one, userSchema, { password: await password() });
        break;
      case 'remove':
        await client.call('DELETE', one, z.object({ name: z.string() }));
        break;
      case 'remove-totp':
        await client.call('DELETE', `${one}/totp`, userSchema);
        break;
    }
    say(io, `${action}: ${name}, done.`);
    return exitCodes.ok;
  },
};
