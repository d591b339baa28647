import { expect, test } from 'vitest';
import { postRaw, viewStream } from '../support/read-answer.ts';
import { startProduct } from '../support/start-product.ts';

test('SIGTERM under many streams: none is broken inside the drain time, and nobody new is let in', async () => {
  const product = await startProduct(['up', '--demo', '--port', '0']);
  const body = JSON.stringify({
    model: 'second-source-demo',
    stream: true,
    max_tokens: 150,
    ignore_eos: true,
    messages: [{ role: 'user', content: 'Tell me a long story about chips.' }],
  });
  let begun = 0;
  const answers = Array.from({ length: 40 }, () => {
    let counted = false;
    return postRaw(`${product.url}/v1/chat/completions`, body, {}, () => {
      if (!counted) begun += 1;
      counted = true;
    });
  });
  await expect.poll(() => begun, { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(4);
  product.signal('SIGTERM');
  const ended = await Promise.all(answers);
  expect(ended.map(({ status, text, ended: how }) => [status, viewStream(text).done, how])).toEqual(ended.map(() => [200, true, 'proper']));
  expect(await product.ended).toBe(0);
  await expect(fetch(`${product.url}/health`)).rejects.toThrow(/fetch failed/);
}, 60_000);
