import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readGgufMetadata } from './gguf-metadata.ts';
import { demoModelPath } from './testing/start-demo-engine.ts';

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const head = (pairs: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from('GGUF'), u32(3), u64(0), u64(pairs.length), ...pairs]);

async function readBytes(bytes: Buffer): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), '2s-gguf-'));
  try {
    writeFileSync(join(folder, 'x.gguf'), bytes);
    return await readGgufMetadata(join(folder, 'x.gguf'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what is asked for is found between values of every type', async () => {
  const tokens = ['a', 'bc', '中'].map(text);
  const bytes = head([
    Buffer.concat([text('some.bool'), u32(7), Buffer.of(1)]),
    Buffer.concat([text('some.floats'), u32(9), u32(6), u64(3), Buffer.alloc(12)]),
    Buffer.concat([text('tokenizer.ggml.model'), u32(8), text('gpt2')]),
    Buffer.concat([text('general.sampling.temp'), u32(6), Buffer.from(Float32Array.of(0.5).buffer)]),
    Buffer.concat([text('general.sampling.top_k'), u32(5), Buffer.from(Int32Array.of(40).buffer)]),
    Buffer.concat([text('general.sampling.sequence'), u32(8), text('odd')]),
    Buffer.concat([text('nested'), u32(9), u32(9), u64(1), u32(8), u64(1), text('x')]),
    Buffer.concat([text('tokenizer.ggml.tokens'), u32(9), u32(8), u64(tokens.length), ...tokens]),
    Buffer.concat([text('tokenizer.chat_template'), u32(8), text('{{ messages }}')]),
  ]);
  expect(await readBytes(bytes)).toEqual({
    tokenizer: 'gpt2',
    vocabularySize: 3,
    chatTemplate: '{{ messages }}',
    sampling: { temperature: 0.5, topK: 40 },
  });
});

test('metadata longer than the first read are read on', async () => {
  const bytes = head([
    Buffer.concat([text('long'), u32(8), text('x'.repeat(3_000_000))]),
    Buffer.concat([text('tokenizer.ggml.model'), u32(8), text('llama')]),
  ]);
  expect(await readBytes(bytes)).toMatchObject({ tokenizer: 'llama' });
});

test('the demo model has a chat template and a vocabulary', async () => {
  const { chatTemplate, vocabularySize } = await readGgufMetadata(demoModelPath);
  expect(chatTemplate).toContain('messages');
  expect(vocabularySize).toBeGreaterThan(1000);
});

test.each([
  ['another file', Buffer.from('not a model at all'), 'does not begin'],
  ['a file cut short', head([Buffer.concat([text('a'), u32(8), u64(1000)])]), 'ends within its metadata'],
  ['a later format', Buffer.concat([Buffer.from('GGUF'), u32(9), u64(0), u64(0)]), 'version 9'],
])('%s is refused with the reason', async (_, bytes, reason) => {
  await expect(readBytes(bytes)).rejects.toThrow(reason);
});
