import { expect, onTestFinished, test } from 'vitest';
import { numberedText } from '../support/numbered-answer.ts';
import { postRaw, viewStream } from '../support/read-answer.ts';
import { reconcileLedger } from '../support/reconcile-ledger.ts';
import { startCountingUpstream } from '../support/counting-upstream.ts';
import { startProduct } from '../support/start-product.ts';
import { writeConfig } from '../support/write-config.ts';

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

test('89: SIGTERM under 500 streams: none is broken inside the drain time, and new ones are refused meanwhile', async () => {
  const streams = 500;
  const upstream = await startCountingUpstream(() => 30, 'held');
  onTestFinished(() => upstream.stop());
  const config = writeConfig(upstream.origin, { drainMs: 20_000, eventLoopLagMs: 60_000 });
  onTestFinished(() => config.remove());
  const product = await startProduct(['up', '--config', config.path, '--port', '0']);
  onTestFinished(() => product.stop());
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
  const ask = (onText?: () => void): ReturnType<typeof postRaw> => postRaw(`${product.url}/v1/chat/completions`, body, {}, onText);
  const begun: Promise<void>[] = [];
  const answers = Array.from({ length: streams }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push(promise);
    return ask(resolve);
  });
  await Promise.all(begun);
  product.signal('SIGTERM');
  await expect.poll(() => product.output()).toContain('stopping');
  await expect(ask()).rejects.toThrow(/ECONNREFUSED/);
  expect(upstream.running()).toBe(streams);
  upstream.release();
  const ended = await Promise.all(answers);
  const whole = ended.filter(({ status, text, ended: how }) => status === 200 && viewStream(text).done && how === 'proper');
  expect(whole).toHaveLength(streams);
  expect(new Set(whole.map(({ text }) => viewStream(text).text))).toEqual(new Set([numberedText(1, 30)]));
  expect(await product.ended).toBe(0);
  expect(upstream.calls.map(({ state }) => state)).toEqual(upstream.calls.map(() => 'whole'));
  expect(reconcileLedger(config.ledgerDirectory, upstream.calls)).toMatchObject({ charges: streams, unknown: 0, mismatches: [] });
}, 60_000);
