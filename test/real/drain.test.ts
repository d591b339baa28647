import { expect, onTestFinished, test } from 'vitest';
import { postRaw, viewStream } from '../support/read-answer.ts';
import { startProduct } from '../support/start-product.ts';

test('SIGTERM under many streams: none is broken inside the drain time, and nobody new is let in', async () => {
  const product = await startProduct(['up', '--demo', '--port', '0']);
  onTestFinished(() => product.stop());
  const body = JSON.stringify({
    model: 'second-source-demo',
    stream: true,
    max_tokens: 700,
    ignore_eos: true,
    messages: [{ role: 'user', content: 'Tell me a long story about chips.' }],
  });
  const streams = 12;
  const answers = Array.from({ length: streams }, () => postRaw(`${product.url}/v1/chat/completions`, body));
  const running = async (): Promise<number> => (await product.endpoints()).reduce((sum, endpoint) => sum + endpoint.running, 0);
  await expect.poll(running, { timeout: 20_000, interval: 2 }).toBe(streams);
  product.signal('SIGTERM');
  const ended = await Promise.all(answers);
  expect(ended.map(({ status, text, ended: how }) => [status, viewStream(text).done, how])).toEqual(ended.map(() => [200, true, 'proper']));
  expect(await product.ended).toBe(0);
  await expect(fetch(`${product.url}/health`)).rejects.toThrow(/fetch failed/);
}, 60_000);
