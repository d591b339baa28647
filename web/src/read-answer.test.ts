import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnswerDraft } from './answer-draft.ts';
import { readAnswer } from './read-answer.ts';

const first = 'data: {"choices":[{"index":0,"delta":{"content":"세컨드 "},"finish_reason":null}]}\n\n';
const second = 'data: {"choices":[{"index":0,"delta":{"content":"소스 🧩"},"finish_reason":null}]}\n\n';
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const usage =
  'data: {"choices":[],"usage":{},"second_source":{"request_id":"r1","attempts":2,"overhead_ms":0.4,"segments":[' +
  '{"endpoint":"engine-1","vendor":"amd","silicon":"AMD EPYC 9B14","evidence":"measured","output_tokens":2,"characters":4,"gap_ms":null},' +
  '{"endpoint":"engine-2","vendor":"amd","silicon":"AMD EPYC 9B14","evidence":"measured","output_tokens":3,"characters":4,"gap_ms":12}]}}\n\n';
const done = 'data: [DONE]\n\n';
const whole = first + second + finish + usage + done;

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function read(stream: string, size = 7, onProgress: (draft: AnswerDraft) => void = () => undefined) {
  return readAnswer(pieces(new TextEncoder().encode(stream), size), new AbortController().signal, onProgress);
}

test('a whole stream is complete, with its segments', async () => {
  const { draft, ending } = await read(whole);
  expect(ending).toEqual({ kind: 'complete', finishReason: 'stop' });
  expect(draft.text).toBe('세컨드 소스 🧩');
  expect(draft.contentChunks).toBe(2);
  expect(draft.report?.segments.map(({ endpoint, gapMs }) => [endpoint, gapMs])).toEqual([
    ['engine-1', undefined],
    ['engine-2', 12],
  ]);
});

test('a stream cut at any byte is never complete, and what came of it is a part of the whole', async () => {
  const bytes = new TextEncoder().encode(whole);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 50 }), async (length, size) => {
      const { draft, ending } = await readAnswer(pieces(bytes.subarray(0, length), size), new AbortController().signal, () => undefined);
      expect(ending.kind).toBe('incomplete');
      expect('세컨드 소스 🧩'.startsWith(draft.text)).toBe(true);
    }),
  );
});

test('an error event makes the answer incomplete with its message and code, even where [DONE] follows', async () => {
  const error = 'data: {"error":{"message":"The endpoint was lost.","type":"server_error","param":null,"code":"upstream_stream_error"}}\n\n';
  const { draft, ending } = await read(first + error + finish + done);
  expect(ending).toEqual({ kind: 'incomplete', trouble: { message: 'The endpoint was lost.', code: 'upstream_stream_error' } });
  expect(draft.text).toBe('세컨드 ');
});

test.each([
  ['no finish reason', first + done, 'no_finish_reason'],
  ['an unknown finish reason', first + finish.replace('"stop"', '"error"') + done, 'unknown_finish_reason'],
  ['an event that is not JSON', `${first}data: oops\n\n${finish}${done}`, 'malformed_event'],
  ['nothing at all', '', 'stream_cut'],
])('%s is incomplete', async (_name, stream, code) => {
  expect((await read(stream)).ending).toMatchObject({ kind: 'incomplete', trouble: { code } });
});

test('nothing after [DONE] counts', async () => {
  const { draft } = await read(whole + first, 10_000);
  expect(draft.text).toBe('세컨드 소스 🧩');
});

test('a transport that breaks keeps the text that came', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(first);
    throw new TypeError('network error');
  }
  const { draft, ending } = await readAnswer(broken(), new AbortController().signal, () => undefined);
  expect(draft.text).toBe('세컨드 ');
  expect(ending).toMatchObject({ kind: 'incomplete', trouble: { code: 'stream_cut' } });
});

test('an answer that the reader stopped says so', async () => {
  const abort = new AbortController();
  async function* aborted(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(first);
    abort.abort();
    throw new DOMException('aborted', 'AbortError');
  }
  expect((await readAnswer(aborted(), abort.signal, () => undefined)).ending).toEqual({ kind: 'stopped' });
});

test('progress only ever grows', async () => {
  const seen: string[] = [];
  await read(whole, 3, ({ text }) => seen.push(text));
  for (const [index, text] of seen.entries()) expect(text.startsWith(seen[index - 1] ?? '')).toBe(true);
  expect(seen.at(-1)).toBe('세컨드 소스 🧩');
});
