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
    // An emulated H100 takes its time over 700 tokens on any machine; the engines themselves might be done too soon.
    provider: { only: ['emulated-nvidia'] },
    messages: [{ role: 'user', content: 'Tell me a long story about chips.' }],
  });
  const streams = 4;
  let over = 0;
  const begun: Promise<void>[] = [];
  const answers = Array.from({ length: streams }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push(promise);
    const answer = postRaw(`${product.url}/v1/chat/completions`, body, {}, () => resolve());
    return answer.finally(() => (over += 1));
  });
  await Promise.all(begun);
  expect(over).toBe(0);
  product.signal('SIGTERM');
  const ended = await Promise.all(answers);
  expect(ended.map(({ status, text, ended: how }) => [status, viewStream(text).done, how])).toEqual(ended.map(() => [200, true, 'proper']));
  expect(await product.ended).toBe(0);
  await expect(fetch(`${product.url}/health`)).rejects.toThrow(/fetch failed/);
}, 60_000);
