import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAnyChat, parseChatRequest } from './parse-chat-request.ts';
import { defaultRequestLimits, type RequestLimits } from './request-limits.ts';
import { readUsualChat } from './read-usual-chat.ts';
import { replayable } from '../std/testing/replayable.ts';

const encoder = new TextEncoder();

const strange = fc.constantFrom(
  'null',
  'true',
  '0',
  '-0',
  '01',
  '1',
  '1.0',
  '3',
  '1e3',
  '-1.5',
  '2.',
  '1e400',
  '99999999999999999999',
  '""',
  '"a"',
  '[]',
  '{}',
  '{"a":1}',
  '[[[1]]]',
  '',
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((one) => JSON.stringify(one)),
  fc.constantFrom(
    '"plain"',
    '""',
    '"\\n\\"\\\\\\/"',
    '"\\u00e9\\ud83d\\ude00"',
    '"\\ud83d"',
    '"\\u12"',
    '"\\x"',
    '"é😀漢"',
    '"\u0001"',
    `"${'x'.repeat(257)}"`,
  ),
);
const rarely = (usual: fc.Arbitrary<string>, otherwise: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: usual, weight: 60 }, { arbitrary: otherwise, weight: 1 });
const space = fc.constantFrom('', '', ' ', '\n ', '\t\r', '\u00a0');

type Member = readonly [string, string];

function written(members: readonly Member[], between: string): string {
  return `{${members.map(([name, value]) => `${between}"${name}"${between}:${between}${value}`).join(`${between},`)}${between}}`;
}

const spaced = rarely(fc.constantFrom('', ' ', '\n  '), space);
const role = rarely(
  fc.constantFrom('"system"', '"user"', '"assistant"'),
  fc.oneof(fc.constantFrom('"tool"', '"developer"', '"us\\u0065r"'), strange),
);
const message = fc
  .tuple(role, rarely(text, strange), spaced, fc.boolean(), rarely(fc.constant(''), fc.constantFrom('name', 'role', 'content', 'tool_calls')))
  .map(([by, content, between, turned, more]) => {
    const parts: Member[] = [
      ['role', by],
      ['content', content],
    ];
    if (turned) parts.reverse();
    return written(more === '' ? parts : [...parts, [more, '"a"']], between);
  });
const number = fc.constantFrom('0', '1', '0.7', '2', '-2', '1e-1', '1E0', '-0', '7');
const count = fc.constantFrom('1', '8', '20', '0', '9007199254740993', '1000001', '2.0');
const field = fc.oneof(
  fc.tuple(fc.constantFrom('temperature', 'top_p', 'frequency_penalty', 'presence_penalty'), rarely(number, strange)),
  fc.tuple(fc.constantFrom('max_tokens', 'max_completion_tokens', 'n'), rarely(count, strange)),
  fc.tuple(fc.constantFrom('stop', 'user'), rarely(text, strange)),
  fc.tuple(fc.constant('stream'), rarely(fc.constantFrom('true', 'false'), strange)),
  fc.tuple(
    fc.constant('stream_options'),
    rarely(
      fc.constantFrom('{"include_usage":true}', '{ "include_usage" : false }'),
      fc.constantFrom('{}', 'null', '{"include_usage":1}', '{"include_usage":true,"a":1}'),
    ),
  ),
  fc.tuple(fc.constantFrom('model', 'tools', 'models', '__proto__', 'temp\\u0065rature', 'logit_bias'), strange),
);
const body = fc
  .tuple(
    rarely(fc.constant('"m"'), text),
    fc.array(message, { maxLength: 3 }),
    fc.uniqueArray(field, { maxLength: 4, selector: ([name]) => name }),
    spaced,
    fc.nat(),
  )
  .map(([model, messages, fields, between, turn]) => {
    const members: Member[] = [['model', model], ['messages', `[${between}${messages.join(`${between},`)}]`], ...fields];
    const at = turn % members.length;
    return `${written([...members.slice(at), ...members.slice(0, at)], between)}${between}`;
  });
const narrow: RequestLimits = { ...defaultRequestLimits, scan: { depth: 3, tokens: 24, duplicateKeys: 'reject' } };
const flat: RequestLimits = { ...defaultRequestLimits, scan: { depth: 2, tokens: 1000, duplicateKeys: 'reject' } };
const lenient: RequestLimits = { ...defaultRequestLimits, scan: { ...defaultRequestLimits.scan, duplicateKeys: 'last-wins' } };

it('a chat that is read without a parser is the one that the scan and the parser read, whatever byte of it is changed', () => {
  let read = 0;
  const change = fc.option(fc.record({ at: fc.nat({ max: 600 }), byte: fc.nat({ max: 255 }), removes: fc.boolean() }), { freq: 3 });
  fc.assert(
    fc.property(
      body,
      change,
      fc.constantFrom(defaultRequestLimits, defaultRequestLimits, defaultRequestLimits, defaultRequestLimits, narrow, flat, lenient),
      (json, changed, limits) => {
        const bytes = [...encoder.encode(json)];
        if (changed !== null) bytes.splice(changed.at % bytes.length, 1, ...(changed.removes ? [] : [changed.byte]));
        const given = Uint8Array.from(bytes);
        if (readUsualChat(given, limits.scan) !== undefined) read += 1;
        expect(parseChatRequest(given, limits)).toEqual(parseAnyChat(given, limits));
      },
    ),
    replayable('src/protocol/read-usual-chat.test.ts', 4000),
  );
  expect(read).toBeGreaterThan(100);
});

it('every member of the usual chat is known, in whatever order', () => {
  const members: Member[] = [
    ['model', '"m"'],
    ['messages', '[{"role":"user","content":"Grüße\\n"},{"content":"a","role":"assistant"}]'],
    ['temperature', '0.5'],
    ['top_p', '1'],
    ['frequency_penalty', '-1'],
    ['presence_penalty', '0'],
    ['max_tokens', '20'],
    ['max_completion_tokens', '20'],
    ['n', '2'],
    ['stop', '"end"'],
    ['user', '"somebody"'],
    ['stream', 'true'],
    ['stream_options', '{"include_usage":true}'],
  ];
  for (let turn = 0; turn < members.length; turn += 1) {
    const bytes = encoder.encode(written([...members.slice(turn), ...members.slice(0, turn)], ' '));
    expect(readUsualChat(bytes, defaultRequestLimits.scan)).toMatchObject({ characters: 7, endsWithAssistant: true });
    expect(parseChatRequest(bytes)).toEqual(parseAnyChat(bytes, defaultRequestLimits));
    expect(parseChatRequest(bytes).ok).toBe(true);
  }
});
