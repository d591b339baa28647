import { expect, onTestFinished, test } from 'vitest';
import { postRaw, viewStream } from '../support/read-answer.ts';
import { startCountingUpstream } from '../support/counting-upstream.ts';
import { startProduct } from '../support/start-product.ts';
import { writeConfig } from '../support/write-config.ts';

test('1000 streams that wait are kept alive by heartbeats, and all end whole', async () => {
  const streams = 1000;
  const upstream = await startCountingUpstream(() => 3, 'held');
  onTestFinished(upstream.stop);
  const config = writeConfig(upstream.origin, {
    concurrentRequests: streams + 100,
    heartbeatMs: 1000,
    stallTimeoutMs: 100_000,
    eventLoopLagMs: 60_000,
  });
  onTestFinished(config.remove);
  const product = await startProduct(['up', '--config', config.path, '--port', '0']);
  onTestFinished(product.stop);
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
  const beating: Promise<void>[] = [];
  const answers = Array.from({ length: streams }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    beating.push(promise);
    return postRaw(`${product.url}/v1/chat/completions`, body, {}, (text) => {
      if (text.includes(': ka\n\n')) resolve();
    });
  });
  await Promise.all(beating);
  // A heartbeat says that the endpoint was asked, which on a busy machine is before it has looked.
  await expect.poll(() => upstream.calls.length, { timeout: 30_000 }).toBe(streams);
  expect(upstream.running()).toBe(streams);
  upstream.release();
  const ended = await Promise.all(answers);
  expect(ended.filter(({ text, ended: how }) => viewStream(text).done && how === 'proper')).toHaveLength(streams);
}, 60_000);
