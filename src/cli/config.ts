import { resolve } from 'node:path';
import { z } from 'zod';
import { chooseAction, needed } from './choose-action.ts';
import { controlClient, type ControlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { configSource } from './config-source.ts';
import { formatConfigProblem } from '../config/config-problem.ts';
import { exitCodes } from './exit-codes.ts';
import { readText } from './ask-gateway.ts';
import { say, writeJson, type CliIo } from './cli-io.ts';
import { CliProblem, usageProblem } from './cli-problem.ts';
import type { Arguments } from './parse-arguments.ts';

const path = '/control/v1/config';
const changedSchema = z.object({ version: z.number(), needsRestart: z.array(z.string()) });
const shownSchema = z.object({ version: z.number(), config: z.unknown() });
const overlaySchema = z.object({
  version: z.number(),
  entries: z.array(z.object({ name: z.string(), value: z.unknown().optional(), given: z.unknown(), fileChanged: z.boolean(), by: z.string() })),
});

export const configCommand: Command = {
  usage:
    'config [show | diff | set NAME JSON | unset NAME | reset NAME | reset --all | reload | export] [--offline [--config FILE]] [--control URL] [--json]',
  options: {
    all: { summary: 'Of `reset`: drop everything that was changed beside the file.' },
    offline: { summary: 'Of `reset`: work on the files of a gateway that does not run, because an entry no longer fits.' },
    config: { value: 'FILE', summary: 'The configuration of that gateway (default: second-source.yaml of this folder).' },
    ...controlOptions,
  },
  mostPositionals: 3,
  run: async (args, io) => {
    const [word, name, value] = args.positionals;
    const action = chooseAction('config', ['show', 'diff', 'set', 'unset', 'reset', 'reload', 'export'], word);
    const client = controlClient(args, io);
    const which = (): string => needed(name, `Which part? Give \`config ${action} NAME\`, such as endpoints/ID/region.`);
    switch (action) {
      case 'show':
        writeJson(io, (await client.call('GET', path, shownSchema)).config);
        return exitCodes.ok;
      case 'diff':
        return diff(client, io, args.flag('json'));
      case 'export':
        io.stdout.write(await readText(client.url, await client.stream(`${path}/export`)));
        return exitCodes.ok;
      case 'set':
        return changed(client, io, 'changes', {
          changes: [{ name: which(), value: asJson(needed(value, 'To what? Give `config set NAME JSON`.')) }],
        });
      case 'unset':
        return changed(client, io, 'changes', { changes: [{ name: which() }] });
      case 'reset':
        if (args.flag('offline')) return resetOffline(args, args.flag('all') ? undefined : which(), io);
        return changed(client, io, 'reset', args.flag('all') ? {} : { name: which() });
      case 'reload':
        return changed(client, io, 'reload', {});
    }
  },
};

async function resetOffline(args: Arguments, name: string | undefined, io: CliIo): Promise<number> {
  const file = resolve(io.workingDirectory, args.text('config') ?? 'second-source.yaml');
  const loaded = configSource(file, {}, io).load([]);
  if (!loaded.ok) throw new CliProblem(loaded.failure.map(formatConfigProblem).join('\n'), exitCodes.usage);
  const { dropOverlay } = await import('../main.ts');
  const count = await dropOverlay(loaded.value.config, name, (message) => say(io, message)).catch((error: unknown) => {
    throw new CliProblem(error instanceof Error ? error.message : String(error), exitCodes.fault);
  });
  if (count === 0) throw new CliProblem('The overlay has no entry of this name.', exitCodes.fault);
  say(io, `${count} ${count === 1 ? 'entry is' : 'entries are'} dropped.`);
  return exitCodes.ok;
}

async function diff(client: ControlClient, io: CliIo, isJson: boolean): Promise<number> {
  const overlay = await client.call('GET', `${path}/overlay`, overlaySchema);
  if (isJson) writeJson(io, overlay);
  else if (overlay.entries.length === 0) say(io, 'Nothing was changed beside the file.');
  else
    for (const { name, value, given, fileChanged, by } of overlay.entries) {
      io.stdout.write(`${name} (by ${by}${fileChanged ? '; the file has changed there since' : ''})\n`);
      if (given !== null) io.stdout.write(`- ${JSON.stringify(given)}\n`);
      if (value !== undefined) io.stdout.write(`+ ${JSON.stringify(value)}\n`);
    }
  return exitCodes.ok;
}

async function changed(client: ControlClient, io: CliIo, how: string, body: unknown): Promise<number> {
  const { version, needsRestart } = await client.call('POST', `${path}/${how}`, changedSchema, body);
  say(io, `The configuration is now version ${version}.`);
  if (needsRestart.length > 0) say(io, `These sections wait for a new start: ${needsRestart.join(', ')}.`);
  return exitCodes.ok;
}

/** JSON where it is any; other text stands for itself, so that words need no quotes. */
function asJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    if (/^[[{"]/.test(text)) throw usageProblem('The value is no valid JSON.');
    return text;
  }
}
