import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pidOf, startProduct, type Product } from '../support/start-product.ts';
import { postRaw, viewStream } from '../support/read-answer.ts';

const model = 'second-source-demo';
const story = [{ role: 'user', content: 'Tell me a long story about chips.' }];
let product: Product;

beforeAll(async () => {
  product = await startProduct(['up', '--demo', '--port', '0']);
}, 120_000);

afterAll(async () => {
  await product.stop();
});

function ask(extra: Record<string, unknown> = {}): string {
  return JSON.stringify({
    model,
    stream: true,
    temperature: 0,
    // Long whatever the model would say, and most of its context, so that a loss comes in the middle on a busy machine too.
    max_tokens: 900,
    ignore_eos: true,
    messages: story,
    stream_options: { include_usage: true },
    ...extra,
  });
}

async function post(body: string, onText?: (text: string) => void): Promise<ReturnType<typeof viewStream> & { ended: string; endpoint: unknown }> {
  const answer = await postRaw(`${product.url}/v1/chat/completions`, body, {}, onText);
  return { ...viewStream(answer.text), ended: answer.ended, endpoint: answer.headers['x-second-source-endpoint'] };
}

/** Calls `act` once, when the answer has brought so many pieces. */
function afterPieces(pieces: number, act: () => void): (text: string) => void {
  let acted = false;
  return (text) => {
    if (acted || text.split('"content":"').length - 2 < pieces) return;
    acted = true;
    act();
  };
}

/** An emulated vendor that failed with its engine stays on trial until a request comes its way, and the real ones come first. */
async function everybodyReady(): Promise<void> {
  const serves = async (): Promise<boolean> =>
    (await product.endpoints()).every(({ state, evidence }) => state === 'ready' || (evidence === 'emulated' && state === 'trial'));
  await expect.poll(serves, { timeout: 20_000, interval: 50 }).toBe(true);
}

test('the openai client gets a plain and a streamed answer that say which silicon made them', async () => {
  const client = new OpenAI({ baseURL: `${product.url}/v1`, apiKey: 'none' });
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual([model]);
  const { data, response } = await client.chat.completions
    .create({ model, messages: [{ role: 'user', content: 'What is Second Source?' }], max_tokens: 60 })
    .withResponse();
  expect(data.choices[0]?.message.content?.length).toBeGreaterThan(20);
  expect(data.usage?.completion_tokens).toBeGreaterThan(5);
  expect(response.headers.get('x-second-source-evidence')).toBe('measured');
  expect(data).toHaveProperty('second_source.segments[0].evidence', 'measured');
  const pieces: string[] = [];
  for await (const chunk of await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'What is 12 + 30?' }], stream: true }))
    pieces.push(chunk.choices[0]?.delta.content ?? '');
  expect(pieces.join('').length).toBeGreaterThan(0);
});

test('embeddings and raw completions are served too', async () => {
  const client = new OpenAI({ baseURL: `${product.url}/v1`, apiKey: 'none' });
  const { data } = await client.embeddings.create({ model, input: ['chips', 'clouds'], encoding_format: 'float' });
  expect(data).toHaveLength(2);
  expect(data[0]?.embedding.length).toBeGreaterThan(16);
  const completion = await client.completions.create({ model, prompt: 'Second Source', max_tokens: 8, temperature: 0 });
  expect(completion.choices[0]?.finish_reason).toBe('length');
});

test.each([
  ['greedy', { temperature: 0 }],
  ['sampled', { temperature: 0.8, seed: 7 }],
])('unplugging the endpoint in the middle of a %s answer changes nothing of the text', async (_name, sampling) => {
  await everybodyReady();
  const uncut = await post(ask(sampling));
  const cut = await post(
    ask({ ...sampling, provider: { order: ['emulated-nvidia'] } }),
    afterPieces(10, () => void product.control('/control/v1/endpoints/emulated-nvidia/unplug')),
  );
  await product.control('/control/v1/endpoints/emulated-nvidia/plug');
  expect(cut.endpoint).toBe('emulated-nvidia');
  expect(cut).toMatchObject({ text: uncut.text, done: true, finishReasons: uncut.finishReasons });
  expect(cut.usage?.completion_tokens).toBe(uncut.usage?.completion_tokens);
  expect(cut.segments).toHaveLength(2);
  expect(cut.segments[1]?.gap_ms).toBeGreaterThan(0);
});

test('kill -9 of an engine in the middle of an answer: the other failure domain goes on, and the dead one comes back', async () => {
  await everybodyReady();
  const uncut = await post(ask());
  const before = pidOf(await product.endpoints(), 'engine-a');
  expect(before).toBeGreaterThan(0);
  const cut = await post(
    ask({ provider: { order: ['engine-a'] } }),
    afterPieces(10, () => before !== undefined && process.kill(before, 'SIGKILL')),
  );
  expect(cut).toMatchObject({ text: uncut.text, done: true, endpoint: 'engine-a' });
  expect(cut.segments.map(({ endpoint }) => endpoint)).toEqual(['engine-a', 'engine-b']);
  await everybodyReady();
  expect(pidOf(await product.endpoints(), 'engine-a')).not.toBe(before);
  const fault = (await product.endpoints()).find(({ id }) => id === 'engine-a')?.lastFault;
  expect(fault?.what).toContain('SIGKILL');
});

test('both engines killed in the middle of an answer: an honest error, never a clean end', async () => {
  await everybodyReady();
  const endpoints = await product.endpoints();
  const pids = ['engine-a', 'engine-b'].flatMap((id) => pidOf(endpoints, id) ?? []);
  const cut = await post(
    ask({ provider: { order: ['engine-a'] } }),
    afterPieces(10, () => pids.forEach((pid) => process.kill(pid, 'SIGKILL'))),
  );
  expect(cut).toMatchObject({ done: false, finishReasons: [], errorCode: 'upstream_stream_error', ended: 'cut' });
  await everybodyReady();
  expect((await post(ask({ max_tokens: 5 }))).done).toBe(true);
});

test('the ledger has one charge a request, and emulated tokens stand apart from measured ones', async () => {
  const usage = await product.get('/control/v1/usage?groupBy=vendor');
  expect(usage).toMatchObject({ openAttempts: 0 });
  expect(usage).toHaveProperty('rows', expect.arrayContaining([expect.objectContaining({ key: 'nvidia (emulated)' })]));
  expect(usage).not.toHaveProperty('rows', expect.arrayContaining([expect.objectContaining({ key: 'nvidia' })]));
});
