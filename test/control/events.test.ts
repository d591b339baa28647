import { expect, onTestFinished, test } from 'vitest';
import { silentGateway } from '../support/silent-gateway.ts';
import { startTestControl } from '../support/test-control.ts';

test('the live stream tells of changes and of endpoints’ states, and ends when the gateway stops', async () => {
  const control = await startTestControl(silentGateway());
  let isStopped = false;
  onTestFinished(() => (isStopped ? undefined : control.stop()));
  const response = await control.ask('GET', '/control/v1/events');
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const decoder = new TextDecoder();
  let text = '';
  const reading = (async (): Promise<void> => {
    for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true });
  })().catch(String);
  await expect.poll(() => text).toContain(': the stream has begun');
  await control.ask('POST', '/control/v1/endpoints/a/unplug', {});
  await expect.poll(() => text).toMatch(/event: audit\ndata: \{"atWallMs":\d+,"seq":1,"action":"endpoint.unplug"\}\n\n/);
  await expect.poll(() => text).toMatch(/event: endpoint\ndata: \{"atWallMs":\d+,"id":"a","state":"unplugged","before":"ready"/);
  expect(control.context.events.followers).toBe(1);
  isStopped = true;
  await control.stop();
  expect(await reading).toBeUndefined();
  expect(control.context.events.followers).toBe(0);
});

test('whoever leaves the stream is forgotten', async () => {
  const control = await startTestControl(silentGateway());
  onTestFinished(control.stop);
  const abort = new AbortController();
  const response = await fetch(`${control.url}/control/v1/events`, { headers: { 'x-second-source-control': '1' }, signal: abort.signal });
  await response.body?.getReader().read();
  expect(control.context.events.followers).toBe(1);
  abort.abort();
  await expect.poll(() => control.context.events.followers).toBe(0);
});
