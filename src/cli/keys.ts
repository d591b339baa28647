import { z } from 'zod';
import { chooseAction, needed } from './choose-action.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { formatWhen } from './format-when.ts';
import { systemClock } from '../std/clock.ts';
import { say, writeJson } from './cli-io.ts';
import type { Arguments } from './parse-arguments.ts';

const keySchema = z.object({
  id: z.string(),
  team: z.string(),
  name: z.string(),
  display: z.string(),
  state: z.string(),
  expiresAtWallMs: z.number().nullable(),
  replaced: z.object({ endsAtWallMs: z.number() }).nullable(),
});
const madeSchema = z.object({ key: keySchema, secret: z.string() });
const path = '/control/v1/keys';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const keysCommand: Command = {
  usage:
    'keys [list | create TEAM [--name TEXT] [--model NAME] … [--vendor NAME] … [--api NAME] … [--days N] | rotate ID [--overlap-hours N] | revoke ID] [--control URL] [--json]',
  options: {
    name: { value: 'TEXT', summary: 'What the key is for.' },
    model: { value: 'NAME', repeats: true, summary: 'A model that it may ask for; `*` at the end stands for any rest (default: all).' },
    vendor: { value: 'NAME', repeats: true, summary: 'Whose silicon may answer it (default: all).' },
    api: { value: 'NAME', repeats: true, summary: 'chat, completions, embeddings, messages or responses (default: all).' },
    days: { value: 'N', summary: 'How long it holds (default: until it is revoked).' },
    'overlap-hours': { value: 'N', summary: 'How long the present secret holds beside the new one (default: 24, at most 168).' },
    ...controlOptions,
  },
  mostPositionals: 2,
  run: async (args, io) => {
    const action = chooseAction('keys', ['list', 'create', 'rotate', 'revoke'], args.positionals[0]);
    const client = controlClient(args, io);
    if (action === 'list') {
      const { keys } = await client.call('GET', path, z.object({ keys: z.array(keySchema) }));
      if (args.flag('json')) writeJson(io, { keys });
      else
        io.stdout.write(
          formatTable(
            [
              { title: 'ID', least: 8 },
              { title: 'TEAM' },
              { title: 'NAME', least: 8 },
              { title: 'KEY', least: 16 },
              { title: 'STATE' },
              { title: 'EXPIRES' },
            ],
            keys.map(({ id, team, name, display, state, expiresAtWallMs }) => [id, team, name || '–', display, state, formatWhen(expiresAtWallMs)]),
          ),
        );
      return exitCodes.ok;
    }
    const which = needed(
      args.positionals[1],
      action === 'create' ? 'Of which team? Give `keys create TEAM`.' : `Which one? Give \`keys ${action} ID\`.`,
    );
    const one = `${path}/${encodeURIComponent(which)}`;
    if (action === 'revoke') {
      await client.call('DELETE', one, keySchema);
      say(io, `${which} is revoked.`);
      return exitCodes.ok;
    }
    const hours = args.wholeNumber('overlap-hours', 0, 168);
    const made =
      action === 'create'
        ? await client.call('POST', path, madeSchema, newKey(args, which))
        : await client.call('POST', `${one}/rotate`, madeSchema, hours === undefined ? {} : { overlapMs: hours * hourMs });
    if (args.flag('json')) writeJson(io, made);
    else io.stdout.write(`${made.secret}\n`);
    const { key } = made;
    say(io, `This is key ${key.id} of team ${key.team}, shown this once.`);
    if (key.replaced !== null) say(io, `The secret before it holds until ${formatWhen(key.replaced.endsAtWallMs)}.`);
    return exitCodes.ok;
  },
};

function newKey(args: Arguments, team: string): Record<string, unknown> {
  const all = (option: string): readonly string[] | undefined => {
    const values = args.given.filter(({ name }) => name === option).map(({ value }) => value);
    return values.length === 0 ? undefined : values;
  };
  const days = args.wholeNumber('days', 1, 36_500);
  return {
    team,
    name: args.text('name') ?? '',
    scopes: { models: all('model'), vendors: all('vendor'), apis: all('api') },
    expiresAtWallMs: days === undefined ? null : systemClock.wallMs() + days * dayMs,
  };
}
