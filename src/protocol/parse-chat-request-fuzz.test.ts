import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonObjectText, jsonText } from '../../test/support/arbitrary-json.ts';
import { faultMessage } from '../std/error-catalogue.ts';
import { parseChatRequest } from './parse-chat-request.ts';
import { parseCompletionRequest } from './parse-completion-request.ts';
import { parseEmbeddingRequest } from './parse-embedding-request.ts';
import { accepted } from './testing/judge-chat-body.ts';

const encoder = new TextEncoder();

test('fuzz: white space, escapes and spellings of numbers change nothing that is read', () => {
  const content = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(fc.record({ type: fc.constant('text'), text: fc.string() }), { minLength: 1, maxLength: 3 }),
  );
  const message = fc.record({ role: fc.constantFrom('user', 'system', 'assistant'), content });
  const optional = {
    n: fc.integer({ min: 1, max: 8 }),
    stream: fc.boolean(),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    seed: fc.maxSafeInteger(),
    stop: fc.array(fc.string({ maxLength: 20 }), { maxLength: 4 }),
    top_k: fc.integer({ min: -1, max: 99 }),
    colour: fc.jsonValue({ maxDepth: 2 }),
  };
  const request = fc.record(
    { model: fc.string({ minLength: 1, maxLength: 64 }), messages: fc.array(message, { minLength: 1, maxLength: 5 }), ...optional },
    { requiredKeys: ['model', 'messages'] },
  );
  fc.assert(
    fc.property(
      request.chain((body) => jsonText(fc.constant(body)).map(({ text }) => ({ body, text }))),
      ({ body, text }) => {
        const { bytes: _bytes, scanned: _scanned, ...read } = accepted(text);
        const { bytes: _plainBytes, scanned: _plainScanned, ...plain } = accepted(body);
        expect(read).toEqual(plain);
        expect(read).toMatchObject({
          model: body.model,
          n: body.n ?? 1,
          stream: body.stream ?? false,
          seed: body.seed,
          stop: (body.stop ?? []).filter((sequence) => sequence !== ''),
          unknownFields: Object.hasOwn(body, 'colour') ? ['colour'] : [],
          extensionFields: Object.hasOwn(body, 'top_k') ? ['top_k'] : [],
          messageCharacters: body.messages
            .flatMap(({ content: parts }) => (typeof parts === 'string' ? [parts] : parts.map((part) => part.text)))
            .join('').length,
        });
      },
    ),
    { numRuns: 500 },
  );
});

const parsers = [parseChatRequest, parseCompletionRequest, parseEmbeddingRequest];

test('fuzz: arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      for (const parse of parsers) expect(parse(bytes).ok).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('fuzz: arbitrary JSON under the names that are read never throws, and what is accepted keeps its bytes', () => {
  const names = [
    'model',
    'messages',
    'prompt',
    'input',
    'stream',
    'stop',
    'n',
    'tools',
    'functions',
    'response_format',
    'provider',
    'metadata',
    'logit_bias',
    'seed',
    'temperature',
    'chat_template_kwargs',
    'stream_options',
    'max_tokens',
    'top_k',
    '__proto__',
  ];
  const likely = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom<unknown>('m', [{ role: 'user', content: 'x' }], [1, 2], true, null, 1) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.constantFrom(...names), likely), { selector: ([name]) => name }), jsonObjectText(), (entries, other) => {
      for (const text of [JSON.stringify(Object.fromEntries(entries)), other.text]) {
        const bytes = encoder.encode(text);
        for (const parse of parsers) {
          const parsed = parse(bytes);
          const kept = parsed.ok ? new TextDecoder().decode(parsed.value.bytes) : text;
          expect(kept).toBe(text);
          expect(parsed.ok ? 0 : faultMessage(parsed.failure).length).toBeLessThan(1000);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
