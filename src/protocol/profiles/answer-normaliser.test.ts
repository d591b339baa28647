import { expect, test } from 'vitest';
import fc from 'fast-check';
import { AnswerNormaliser } from './answer-normaliser.ts';
import { plainProfile, profileFrom, type AnswerQuirks } from './profile.ts';
import { replayable } from '../../std/testing/replayable.ts';

function normaliser(answer: Partial<AnswerQuirks>): (json: object) => ReturnType<typeof JSON.parse> {
  const one = new AnswerNormaliser(profileFrom({ name: 'x', title: 'x', origins: [], answer }));
  return (json) => JSON.parse(new TextDecoder().decode(one.push(new TextEncoder().encode(JSON.stringify(json)))));
}

const chunk = (delta: object, finish: string | null = null, index = 0): object => ({ choices: [{ index, delta, finish_reason: finish }] });

test('what a profile does not name comes back as the very same bytes', () => {
  const bytes = new TextEncoder().encode('{ "choices" : [ {"index":0,"delta":{"content":"é"},"finish_reason":"stop"} ] , "usage":null}');
  expect(new AnswerNormaliser(plainProfile).push(bytes)).toBe(bytes);
});

test('usage is taken from where it stands only while its own place is empty', () => {
  const push = normaliser({ usageIn: 'x_groq.usage' });
  const told = { prompt_tokens: 1, completion_tokens: 2 };
  expect(push({ choices: [], x_groq: { usage: told } })).toMatchObject({ usage: told });
  expect(push({ choices: [], usage: { prompt_tokens: 9 }, x_groq: { usage: told } })).toMatchObject({ usage: { prompt_tokens: 9 } });
  expect(push({ choices: [], x_groq: { id: 'a' } })).not.toHaveProperty('usage');
});

test('a reason that the object’s own prototype has is no published one', () => {
  expect(normaliser({ finishReasons: { eos: 'stop' } })(chunk({}, 'constructor'))).toEqual(chunk({}, 'constructor'));
});

test('an answer without calls that ends with stop still ends with stop', () => {
  const push = normaliser({ callsEndWithStop: true });
  push(chunk({ content: 'x', tool_calls: [] }));
  expect(push(chunk({}, 'stop'))).toEqual(chunk({}, 'stop'));
});

test('calls are told apart by their ids, choice by choice, however they are cut into pieces', () => {
  const call = fc.record({ id: fc.uuid(), pieces: fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 }) });
  const answer = fc.record({ index: fc.nat({ max: 2 }), calls: fc.uniqueArray(call, { selector: ({ id }) => id, minLength: 1, maxLength: 4 }) });
  fc.assert(
    fc.property(fc.uniqueArray(answer, { selector: ({ index }) => index, minLength: 1, maxLength: 3 }), (answers) => {
      const push = normaliser({ callsShareIndex: true, callsEndWithStop: true });
      for (const { index, calls } of answers) {
        const heard: string[] = [];
        for (const { id, pieces } of calls) {
          const deltas = [
            { index: 0, id, function: { name: 'f', arguments: '' } },
            ...pieces.map((args) => ({ index: 0, function: { arguments: args } })),
          ];
          for (const delta of deltas) {
            const told = push(chunk({ tool_calls: [delta] }, null, index)).choices[0].delta.tool_calls[0];
            heard[told.index] = (heard[told.index] ?? '') + told.function.arguments;
          }
        }
        expect(heard).toEqual(calls.map(({ pieces }) => pieces.join('')));
        expect(push(chunk({}, 'stop', index)).choices[0].finish_reason).toBe('tool_calls');
      }
    }),
    replayable('src/protocol/profiles/answer-normaliser.test.ts', 300),
  );
});
