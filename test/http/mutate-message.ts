import fc from 'fast-check';

/** What makes readers differ: bytes that some take for a space, a line's end or nothing, and the framing itself. */
const ingredients = [
  ...'\u0000\t \r\n\u000b\u007f\u0080\u00a0\u00ff:;,"#/05f+-_',
  '\r\n',
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

interface Mutation {
  readonly act: 'insert' | 'replace' | 'remove' | 'double';
  readonly at: number;
  readonly length: number;
  readonly ingredient: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  act: fc.constantFrom('insert', 'replace', 'remove', 'double'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 12 }),
  ingredient: fc.constantFrom(...ingredients),
});

function mutate(bytes: string, { act, at, length, ingredient }: Mutation): string {
  const place = Math.floor(at * bytes.length);
  const before = bytes.slice(0, place);
  if (act === 'insert') return before + ingredient + bytes.slice(place);
  if (act === 'replace') return before + ingredient + bytes.slice(place + ingredient.length);
  if (act === 'remove') return before + bytes.slice(place + length);
  return bytes.slice(0, place + length) + bytes.slice(place);
}

/** One of some messages, changed in a few places. */
export function mutatedMessage(messages: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...messages), fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([bytes, acts]) => acts.reduce(mutate, bytes));
}

/** How many messages a fuzz draws: `RUNS=100000` for a night. */
export const fuzzRuns = Number(process.env['RUNS'] ?? 1500);

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

/** Whether both readers are held to the same of these bytes. */
export function isComparable(bytes: string): boolean {
  return !elsewhere.some((pattern) => pattern.test(bytes));
}
