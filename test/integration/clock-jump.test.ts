import { ownGateway } from '../../src/admin/internal/own-gateway.ts';
import { expect, onTestFinished, test } from 'vitest';
import { chatChunks, numberedText } from '../support/numbered-answer.ts';
import { chunk, event, lastChunk, streamHead } from '../support/scripted-upstream.ts';
import { postRaw, viewStream, type RawAnswer } from '../support/read-answer.ts';
import { startHeldUpstream } from '../support/held-upstream.ts';
import { startTestGateway } from '../support/test-gateway.ts';
import { systemClock } from '../../src/std/clock.ts';

const plain = chatChunks(false);
const dayMs = 86_400_000;

test.each([
  ['forward', 400 * dayMs],
  ['back', -400 * dayMs],
])('the clock on the wall may jump %s in mid-answer: nothing times out, expires or counts negative', async (_way, jumpMs) => {
  let jumpedMs = 0;
  const clock = { ...systemClock, wallMs: () => systemClock.wallMs() + jumpedMs };
  const upstream = await startHeldUpstream();
  onTestFinished(upstream.stop);
  const gate = await startTestGateway([{ id: 'one', origin: upstream.origin }], { clock });
  onTestFinished(gate.stop);
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
  const ask = (onText?: (text: string) => void): Promise<RawAnswer> =>
    postRaw(`${gate.url}/v1/chat/completions`, body, { 'idempotency-key': 'one' }, onText);
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const first = ask(() => resolve());
  const call = await upstream.next();
  await call.write(streamHead + chunk(plain.role) + chunk(plain.content(1)));
  await begun;
  jumpedMs = jumpMs;
  await call.write(chunk(plain.content(2)) + chunk(plain.finish + plain.usage(2) + event('[DONE]')) + lastChunk);
  const { text } = await first;
  expect(viewStream(text)).toMatchObject({ text: numberedText(1, 2), done: true });
  expect(await ask()).toMatchObject({ text, headers: { 'idempotent-replayed': 'true' } });
  expect(gate.closed).toMatchObject([{ state: 'S', outcome: 'ok' }]);
  expect(gate.closed[0]?.durationMs).toBeGreaterThan(0);
  expect(gate.closed[0]?.durationMs).toBeLessThan(dayMs);
  const { uptimeMs } = await ownGateway(gate.context).status();
  expect(uptimeMs).toBeGreaterThan(0);
  expect(uptimeMs).toBeLessThan(dayMs);
});
