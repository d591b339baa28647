import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assembleResponse, responsesStream } from './responses-stream.ts';
import { replayable } from '../../std/testing/replayable.ts';
import type { ResponseIdentity } from './response-object.ts';

const identity: ResponseIdentity = {
  suffix: 'x',
  createdAt: 1,
  stored: false,
  request: { model: 'm', input: 'hi', include: ['reasoning.encrypted_content'] },
};
const surroundings = { nowSeconds: () => 2, onWhole: <Response>(response: Response): Response => response };

interface Item {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly content?: readonly { readonly text: string }[];
  readonly call_id?: string;
  readonly arguments?: string;
}

interface Event {
  readonly type: string;
  readonly sequence_number: number;
  readonly output_index?: number;
  readonly item_id?: string;
  readonly item?: Item;
  readonly delta?: string;
  readonly response?: { readonly output: readonly Item[] };
}

function eventsOf(text: string): readonly Event[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => JSON.parse(frame.slice(frame.indexOf('\ndata: ') + 7)));
}

const spoken = fc.record({ reasoning: fc.array(fc.string({ minLength: 1 })), text: fc.array(fc.string({ minLength: 1 })), calls: fc.nat(3) });

/** The same answer as the deltas of a stream and as one message. */
function bothForms({ reasoning, text, calls }: { readonly reasoning: readonly string[]; readonly text: readonly string[]; readonly calls: number }) {
  const made = Array.from({ length: calls }, (_, index) => ({
    id: `c${index}`,
    type: 'function',
    function: { name: `f${index}`, arguments: `{"n":${index}}` },
  }));
  const deltas = [
    ...reasoning.map((piece) => ({ reasoning_content: piece })),
    ...text.map((piece) => ({ content: piece })),
    ...made.flatMap((call, index) => [
      { tool_calls: [{ ...call, index, function: { ...call.function, arguments: '' } }] },
      { tool_calls: [{ index, function: { arguments: call.function.arguments.slice(0, 3) } }] },
      { tool_calls: [{ index, function: { arguments: call.function.arguments.slice(3) } }] },
    ]),
  ];
  const finish = calls > 0 ? 'tool_calls' : 'stop';
  const chunks = [...deltas.map((delta) => ({ choices: [{ index: 0, delta }] })), { choices: [{ index: 0, delta: {}, finish_reason: finish }] }];
  const message = { role: 'assistant', reasoning_content: reasoning.join(''), content: text.join(''), ...(calls === 0 ? {} : { tool_calls: made }) };
  return { chunks, whole: { choices: [{ index: 0, message, finish_reason: finish }] } };
}

test('however an answer is cut into chunks, its events keep the published order, and their end is the whole response', () => {
  fc.assert(
    fc.property(spoken, (said) => {
      const { chunks, whole } = bothForms(said);
      const stream = responsesStream(identity, surroundings);
      const events = eventsOf(
        [stream.begin(), ...chunks.map((chunk) => stream.push(JSON.stringify(chunk))), stream.push('[DONE]'), stream.end()].join(''),
      );
      expect(events.map(({ sequence_number: place }) => place)).toEqual(events.map((_, index) => index));
      expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress']);
      const items = new Map<number, { readonly id: string; said: string; done: Item | undefined }>();
      for (const { type, output_index: index = -1, item, item_id: id, delta } of events) {
        if (type === 'response.output_item.added') {
          expect([items.size, [...items.values()].every(({ done }) => done !== undefined)]).toEqual([index, true]);
          items.set(index, { id: item?.id ?? '', said: '', done: undefined });
        }
        const known = items.get(index);
        if (id !== undefined) expect(id).toBe(known?.id);
        if (known !== undefined && delta !== undefined) known.said += delta;
        if (known !== undefined && type === 'response.output_item.done') known.done = item;
      }
      const output = events.at(-1)?.response?.output ?? [];
      expect(output).toEqual([...items.values()].map(({ done }) => done));
      expect([...items.values()].map((item) => item.said)).toEqual(output.map((item) => item.arguments ?? item.content?.[0]?.text));
      const assembled: { output: readonly Item[] } = JSON.parse(
        assembleResponse(new TextEncoder().encode(JSON.stringify(whole)), identity, surroundings) ?? '{}',
      );
      expect(output).toEqual(assembled.output);
    }),
    replayable('src/protocol/responses/responses-stream.test.ts', 200),
  );
});

test('what is no chat answer makes no response', () => {
  expect(assembleResponse(new TextEncoder().encode('{"data":[]}'), identity, surroundings)).toBeUndefined();
});
