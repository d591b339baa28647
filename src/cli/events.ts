import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { isRecord } from '../std/is-record.ts';
import { printableText } from './printable-text.ts';
import { formatWhen } from './format-when.ts';

export const eventsCommand: Command = {
  usage: 'events [--control URL] [--json]',
  options: controlOptions,
  mostPositionals: 0,
  run: async (args, io) => {
    const client = controlClient(args, io);
    const response = await client.stream('/control/v1/events');
    const stop = async (): Promise<void> => {
      await io.stopped();
      response.body.destroy();
    };
    void stop();
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const piece of response.body) {
        const parts = `${rest}${decoder.decode(piece instanceof Uint8Array ? piece : undefined, { stream: true })}`.split('\n\n');
        rest = parts.pop() ?? '';
        for (const part of parts) {
          const line = args.flag('json') ? jsonLine(part) : textLine(part);
          if (line !== undefined) io.stdout.write(`${line}\n`);
        }
      }
    } catch (error) {
      if (!response.body.destroyed) throw error;
    }
    return exitCodes.ok;
  },
};

interface Told {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function read(event: string): Told | undefined {
  const [, kind] = /^event: (.*)$/m.exec(event) ?? [];
  const [, text] = /^data: (.*)$/m.exec(event) ?? [];
  if (kind === undefined || text === undefined) return undefined;
  try {
    const data: unknown = JSON.parse(text);
    return isRecord(data) ? { kind, data } : undefined;
  } catch {
    return undefined;
  }
}

function jsonLine(event: string): string | undefined {
  const told = read(event);
  return told && JSON.stringify({ kind: told.kind, ...told.data });
}

function textLine(event: string): string | undefined {
  const told = read(event);
  if (told === undefined) return undefined;
  const { atWallMs, ...rest } = told.data;
  const facts = Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return printableText(`${formatWhen(typeof atWallMs === 'number' ? atWallMs : null)} ${told.kind} ${facts.join(' ')}`);
}
