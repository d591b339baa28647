import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Script } from './scripted-upstream.ts';

const caseSchema = z.object({ name: z.string(), status: z.number(), headers: z.array(z.tuple([z.string(), z.string()])), body: z.string() });

type DialectCase = z.infer<typeof caseSchema>;

/** One answer as a vendor's published pages have it, from `test/fixtures/dialects/`. */
export function dialectCase(profile: string, name: string): DialectCase {
  const [, ...lines] = readFileSync(new URL(`../fixtures/dialects/${profile}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const found = lines.map((line) => caseSchema.parse(JSON.parse(line))).find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case ${name} of ${profile}`);
  return found;
}

/** The same over a socket: the head and the body in one piece each, in chunks where it is a stream. */
export function dialectScript({ status, headers, body }: DialectCase): Script {
  const streams = headers.some(([name, value]) => name === 'content-type' && value === 'text/event-stream');
  const framing = streams ? 'transfer-encoding: chunked' : `content-length: ${Buffer.byteLength(body)}`;
  const head = `HTTP/1.1 ${status} X\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}${framing}\r\n\r\n`;
  return { pieces: [head, streams ? `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n` : body], end: 'keep' };
}
