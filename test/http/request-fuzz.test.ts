import fc from 'fast-check';
import { METHODS } from 'node:http';
import { test } from 'vitest';
import { allRequestCases } from './all-request-cases.ts';
import { readRequests, type FoundRequest } from './read-requests.ts';
import { readRequestsByNode } from './read-requests-by-node.ts';
import { splitBytes } from './split-bytes.ts';
import { replayable } from '../../src/std/testing/replayable.ts';

/** `RUNS=100000` for a night. */
const runs = Number(process.env['RUNS'] ?? 1500);

/** What makes readers differ: bytes that some take for a space, a line's end or nothing, and the framing itself. */
const ingredients = [
  '\u0000',
  '\t',
  ' ',
  '\r',
  '\n',
  '\r\n',
  '\u000b',
  '\u007f',
  '\u0080',
  '\u00a0',
  '\u00ff',
  ':',
  ';',
  ',',
  '"',
  '#',
  '/',
  '0',
  '5',
  'f',
  '+',
  '-',
  '_',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'chunked',
  'Connection: close\r\n',
  '0\r\n\r\n',
  '5\r\nhello\r\n',
  'HTTP/1.1',
  'HTTP/1.0',
  'GET ',
];
const shortCases = allRequestCases.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 1500);

const mutation = fc.record({
  act: fc.constantFrom('insert', 'replace', 'remove', 'double'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 12 }),
  ingredient: fc.constantFrom(...ingredients),
});

function mutate(bytes: string, { act, at, length, ingredient }: typeof mutation extends fc.Arbitrary<infer One> ? One : never): string {
  const place = Math.floor(at * bytes.length);
  const before = bytes.slice(0, place);
  if (act === 'insert') return before + ingredient + bytes.slice(place);
  if (act === 'replace') return before + ingredient + bytes.slice(place + ingredient.length);
  if (act === 'remove') return before + bytes.slice(place + length);
  return bytes.slice(0, place + length) + bytes.slice(place);
}

/** Where `node:http` refuses what is as safe to read, so that the two cannot be compared. */
const elsewhere: readonly RegExp[] = [
  // Framing in trailers, which RFC 9110 §6.5.1 forbids to send; ours drops every trailer unread.
  /0[^\r\n]*\r\n(?:[^\r\n]*\r\n)*(?:transfer-encoding|content-length)/i,
  // Tabs behind `chunked`, which RFC 9110 §5.6.3 allows.
  /transfer-encoding:[^\r\n]*\t/i,
  // A chunk's extension that is badly formed: it ends where its line ends, for both.
  /[0-9a-f];[^\r\n]*\r\n/i,
  // An upgrade: it reads nothing behind one, though nobody took it.
  /upgrade:/i,
  // An expectation, which in ours the gateway judges.
  /expect:(?! 100-continue\r\n)/i,
];

const message = fc
  .tuple(fc.constantFrom(...shortCases), fc.array(mutation, { minLength: 1, maxLength: 4 }))
  .map(([bytes, acts]) => acts.reduce(mutate, bytes));

test('whatever is read of a mutated message, node:http reads the same', async () => {
  await fc.assert(
    fc.asyncProperty(message, async (bytes) => {
      fc.pre(!elsewhere.some((pattern) => pattern.test(bytes)));
      const pieces = [Buffer.from(bytes, 'latin1')];
      const { requests } = await readRequests(pieces);
      // Nothing can be compared behind a method that node:http does not know, or that it hands over as a tunnel.
      const until = requests.findIndex(({ method }) => !METHODS.includes(method) || method === 'CONNECT');
      const comparable = until < 0 ? requests : requests.slice(0, until);
      if (comparable.length === 0) return true;
      const byNode = await readRequestsByNode(pieces);
      return JSON.stringify(comparable.map(plain)) === JSON.stringify(byNode.slice(0, comparable.length).map(plain));
    }),
    replayable('test/http/request-fuzz.test.ts', runs),
  );
});

test('however a mutated message is split, the same is read of it', async () => {
  await fc.assert(
    fc.asyncProperty(message, fc.integer(), async (bytes, seed) => {
      const [whole, ...others] = splitBytes(bytes, seed);
      const expected = JSON.stringify(await readRequests(whole ?? []));
      for (const pieces of others) if (JSON.stringify(await readRequests(pieces)) !== expected) return false;
      return true;
    }),
    replayable('test/http/request-fuzz.test.ts', Math.ceil(runs / 10)),
  );
});

/** Header values of one name as one list, as both readers keep their order. */
function plain({ method, target, headers, body }: FoundRequest): object {
  const listed = Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]);
  return { method, target, body, headers: listed.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)) };
}
