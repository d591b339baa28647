import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkTemplate, textBetween } from './chunk-template.ts';
import { readChunk, type ChunkFacts } from './read-chunk.ts';
import { replayable } from '../std/testing/replayable.ts';

const encoder = new TextEncoder();

function chunk(content: unknown, more: Record<string, unknown> = {}): string {
  const choices = [{ index: 0, delta: { content }, logprobs: null, finish_reason: null, ...more }];
  return JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'up', choices });
}

function factsOf(data: string): ChunkFacts {
  const item = readChunk(data);
  if (item.kind !== 'chunk') throw new Error(`${data} is no chunk`);
  return item;
}

function textOf(template: ChunkTemplate, bytes: Uint8Array): string | undefined {
  return template.textOf(bytes, 0, bytes.length);
}

function learnt(data: string): ChunkTemplate | undefined {
  return ChunkTemplate.learn(encoder.encode(data), factsOf(data));
}

test('a chunk that has the learnt form reads as the parser reads it, whatever its text', () => {
  const template = learnt(chunk('Hello'));
  if (template === undefined) throw new Error('nothing was learnt');
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('"', '\\', '\n', '\\"', 'é', '\u2028', '😀', '"}}', '')),
      (text) => {
        const data = chunk(text);
        const read = textOf(template, encoder.encode(data));
        if (text === '') {
          expect(read).toBeUndefined();
          return;
        }
        if (read === undefined) throw new Error(`${data} was left to the parser`);
        expect(template.factsWith(read)).toEqual(factsOf(data));
      },
    ),
    replayable('src/protocol/chunk-template.test.ts', 500),
  );
});

test('whatever is done to the bytes of a chunk, it is read as the parser reads it or left to the parser', () => {
  const template = learnt(chunk('Hello'));
  if (template === undefined) throw new Error('nothing was learnt');
  const bytes = encoder.encode(chunk('some "quoted" text\n'));
  fc.assert(
    fc.property(
      fc.nat(bytes.length - 1),
      fc.array(fc.constantFrom(0x22, 0x5c, 0x2c, 0x7b, 0x7d, 0x0a, 0x41, 0xc3, 0xff, 0x75), { maxLength: 4 }),
      (at, put) => {
        const changed = Uint8Array.from([...bytes.subarray(0, at), ...put, ...bytes.subarray(at + 1)]);
        const text = textOf(template, changed);
        if (text !== undefined) expect(template.factsWith(text)).toEqual(factsOf(new TextDecoder('utf-8', { ignoreBOM: true }).decode(changed)));
      },
    ),
    replayable('src/protocol/chunk-template.test.ts', 500),
  );
});

/** The text of the event that begins at `start`, and where that ends, by its lines: found first, then compared. */
function byLines(template: ChunkTemplate, bytes: Uint8Array, start: number): { text: string; end: number } | undefined {
  const lineEnd = bytes.indexOf(0x0a, start);
  const isPlain = Buffer.from(bytes.slice(start, start + 6)).toString('latin1') === 'data: ' && lineEnd >= 0 && bytes[lineEnd + 1] === 0x0a;
  const text = isPlain ? template.textOf(bytes, start + 6, lineEnd) : undefined;
  return text === undefined ? undefined : { text, end: lineEnd + 2 };
}

test('an event is known among others as it is where its line is found first, whatever is done to its bytes', () => {
  const template = learnt(chunk('Hello'));
  if (template === undefined) throw new Error('nothing was learnt');
  const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.string(), fc.constantFrom('a"b', '\\', '\n', 'é', '"}}', ''));
  const hits = fc.array(fc.tuple(fc.nat(400), fc.constantFrom(0x22, 0x5c, 0x0a, 0x0d, 0x00, 0x41, 0xc3, 0x7f)), { maxLength: 2 });
  fc.assert(
    fc.property(texts, texts, hits, fc.nat(10), fc.nat(10), (first, second, changes, before, cut) => {
      const events = `data: ${chunk(first)}\n\ndata: ${chunk(second)}\n\n`;
      const bytes = encoder.encode(`${'x'.repeat(before)}${events}`);
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
      const limit = bytes.length - cut;
      const expected = byLines(template, bytes.subarray(0, limit), before);
      const found = template.endOfTextIn(bytes, before, limit);
      const textEnd = Math.abs(found);
      const text = found === 0 ? undefined : textBetween(bytes, before + template.beforeBytes, textEnd);
      expect(text === undefined ? undefined : { text, end: textEnd + template.afterBytes }).toEqual(expected);
      if (found > 0) expect(text).toBe(Buffer.from(bytes.slice(before + template.beforeBytes, textEnd)).toString('ascii'));
    }),
    replayable('src/protocol/chunk-template.test.ts', 2000),
  );
});

test('nothing is learnt from data that came in several lines', () => {
  expect(learnt(chunk('Hi').replace('"choices"', '\n"choices"'))).toBeUndefined();
});

test.each([
  ['a role', chunk('Hi').replace('"content"', '"role":"assistant","content"')],
  ['a finish reason', chunk('Hi', { finish_reason: 'stop' })],
  ['token ids', chunk('Hi', { token_ids: [1] })],
  ['another choice', chunk('Hi', { index: 1 })],
  ['reasoning beside it', chunk('Hi').replace('"content"', '"reasoning_content":"hm","content"')],
  ['no text', chunk('')],
])('nothing is learnt from a chunk with %s', (_name, data) => {
  expect(learnt(data)).toBeUndefined();
});

test('a raw completion’s chunks have a form as well, and what it was learnt from can be made anew', () => {
  const data = JSON.stringify({
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1,
    model: 'up',
    choices: [{ index: 0, text: 'one', finish_reason: null }],
  });
  const template = learnt(data);
  expect(template && textOf(template, encoder.encode(data.replace('one', 'two')))).toBe('two');
  expect(new TextDecoder().decode(template?.chunkWith('three'))).toBe(data.replace('one', 'three'));
});
