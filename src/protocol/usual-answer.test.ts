import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readUsualAnswer } from './usual-answer.ts';
import { readWholeAnswer } from './read-whole-answer.ts';
import { replayable } from '../std/testing/replayable.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** JSON text of a member, sometimes of none. */
const scalar = fc.constantFrom(
  'null',
  'true',
  'false',
  '0',
  '-0',
  '01',
  '1',
  '24',
  '1.5',
  '1e3',
  '-1',
  '1E+2',
  '2.',
  '123456789012345678',
  '""',
  '"a"',
  '"stop"',
);
const string = fc.oneof(fc.string({ unit: 'binary' }), fc.string()).map((text) => JSON.stringify(text));
const escaped = fc.constantFrom('"\\n\\t\\"\\\\\\/"', '"\\u00e9"', '"\\ud83d\\ude00"', '"\\x"', '"\\', '"é😀漢"', '"\u0001"', "'a'");
const part = fc.oneof(scalar, string, escaped, fc.constantFrom('[]', '{}', '[ ]', '[1]', '{"a":1}', '[null', 'nul', ''));
const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r', ' ', '\n ', '', '', '\u00a0');

function object(names: readonly string[], special: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const usual = Object.entries(special).map(([name, value]) => fc.tuple(fc.constant(JSON.stringify(name)), value));
  const strange = fc.tuple(
    fc.constantFrom(...names, 'other', 'x').map((name) => JSON.stringify(name)),
    part,
  );
  return fc
    .tuple(
      fc.tuple(...usual),
      fc.oneof({ arbitrary: fc.constant([]), weight: 6 }, { arbitrary: fc.array(strange, { maxLength: 2 }), weight: 1 }),
      space,
      fc.boolean(),
    )
    .map(([first, more, between, behind]) => {
      const members = behind ? [...first, ...more] : [...more, ...first];
      return `{${members.map(([name, value]) => `${between}${name}:${between}${value}`).join(`${between},`)}${between}}`;
    });
}

const rarely = (usual: fc.Arbitrary<string>, otherwise: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: usual, weight: 30 }, { arbitrary: otherwise, weight: 1 });
const content = rarely(fc.oneof(string, string, escaped), part);
const message = object(['content', 'refusal', 'tool_calls', 'reasoning_content', 'reasoning', 'function_call'], {
  role: fc.constant('"assistant"'),
  content,
  refusal: rarely(fc.constantFrom('null', '[]'), part),
});
const reason = rarely(fc.constantFrom('"stop"', '"length"'), fc.oneof(fc.constantFrom('"tool_calls"', '"content_filter"', '"sto\\u0070"'), part));
const choice = object(['message', 'finish_reason', 'token_ids', 'prompt_token_ids', 'text'], {
  index: fc.constant('0'),
  message: rarely(message, part),
  finish_reason: reason,
});
const count = rarely(fc.nat({ max: 10_000 }).map(String), part);
const details = (name: string): fc.Arbitrary<string> => rarely(fc.constant('null'), fc.oneof(object([name], { [name]: count }), part));
const usage = object(['prompt_tokens', 'completion_tokens'], {
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: details('cached_tokens'),
  completion_tokens_details: details('reasoning_tokens'),
});
const choices = rarely(
  choice.map((one) => `[${one}]`),
  fc.oneof(
    fc.array(choice, { maxLength: 2 }).map((all) => `[${all.join(',')}]`),
    part,
  ),
);
const answer = object(['model', 'choices', 'usage', 'error', 'second_source', 'prompt_token_ids', 'x_second_source_seed', '__proto__'], {
  id: string,
  model: rarely(fc.constant('"m"'), part),
  choices,
  usage: rarely(usage, part),
});

it('what is read of an answer without a parser is what the parser’s reader says of it, byte for byte changed or not', () => {
  let read = 0;
  const change = fc.option(fc.record({ at: fc.nat({ max: 600 }), byte: fc.nat({ max: 255 }), removes: fc.boolean() }), { freq: 3 });
  fc.assert(
    fc.property(answer, change, (text, changed) => {
      const bytes = [...encoder.encode(text)];
      if (changed !== null) bytes.splice(changed.at % bytes.length, 1, ...(changed.removes ? [] : [changed.byte]));
      const given = Uint8Array.from(bytes);
      const usual = readUsualAnswer(given);
      if (usual === undefined) return;
      read += 1;
      expect(usual).toEqual(readWholeAnswer('chat', decoder.decode(given)));
    }),
    replayable('src/protocol/usual-answer.test.ts', 2000),
  );
  expect(read).toBeGreaterThan(200);
});

const usual = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  system_fingerprint: null,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Grüße,\n😀', refusal: null, annotations: [], tool_calls: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 24,
    completion_tokens: 80,
    total_tokens: 104,
    prompt_tokens_details: { cached_tokens: 3, audio_tokens: 0 },
    completion_tokens_details: null,
  },
};

it('the usual answer is read, spaced or not', () => {
  const said = { characters: 8, saidCharacters: 9, isEmptyStop: false, model: 'm', tellsIds: false, tellsSource: false };
  const counted = { inputTokens: 24, cachedInputTokens: 3, outputTokens: 80 };
  for (const indent of [undefined, 2]) {
    expect(readUsualAnswer(encoder.encode(JSON.stringify(usual, null, indent)))).toEqual({ kind: 'answer', ...said, usage: counted });
  }
});

it('an answer that says more than a text is left to the parser', () => {
  const [choiceOf] = usual.choices;
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
  const others = [
    { ...usual, choices: [] },
    { ...usual, choices: [choiceOf, choiceOf] },
    { ...usual, choices: [{ ...choiceOf, message: { role: 'assistant', content: null, tool_calls: [call] } }] },
    { ...usual, choices: [{ ...choiceOf, message: { role: 'assistant', content: 'x', reasoning_content: 'y' } }] },
    { ...usual, choices: [{ ...choiceOf, finish_reason: null }] },
    { ...usual, choices: [{ ...choiceOf, token_ids: [1] }] },
    { ...usual, second_source: {} },
    { ...usual, error: {} },
  ];
  for (const other of others) expect(readUsualAnswer(encoder.encode(JSON.stringify(other)))).toBeUndefined();
});
