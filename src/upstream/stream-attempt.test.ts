import { expect, test } from 'vitest';
import { chatChunks } from '../../test/support/numbered-answer.ts';
import { event } from '../../test/support/scripted-upstream.ts';
import { sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { testLimits } from '../../test/support/test-fleet.ts';
import { virtualClock, type VirtualClock } from '../../test/support/virtual-clock.ts';
import { StreamAttempt } from './stream-attempt.ts';
import type { UpstreamSink } from './transport.ts';

const chunks = chatChunks(false);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An attempt whose endpoint is played by the test, and whose client is too slow for each piece of content. */
function attemptForSlowClient(): { attempt: StreamAttempt; sink: UpstreamSink; clock: VirtualClock } {
  const clock = virtualClock();
  let sink: UpstreamSink | undefined;
  const transport = {
    send: (_endpoint: unknown, _request: unknown, heard: UpstreamSink) => {
      sink = heard;
      return { abort: () => {}, pause: () => {}, resume: () => {} };
    },
  };
  const listener = { onIdle: () => {}, onContent: () => 'slow' as const, onText: () => 'slow' as const };
  const asked = {
    endpoint: sampleEndpoint({}),
    request: { method: 'POST', path: '/chat/completions', body: undefined },
    route: 'chat',
    choices: 1,
    newCallId: String,
  } as const;
  const attempt = new StreamAttempt(asked, listener, transport, clock, testLimits);
  if (sink === undefined) throw new Error('nothing was sent');
  sink.onHead(200, { 'content-type': 'text/event-stream' });
  return { attempt, sink, clock };
}

test('a client that is slow at the very end gets its answer: no clock runs while the endpoint is paused', async () => {
  const { attempt, sink, clock } = attemptForSlowClient();
  sink.onData(encode(chunks.role + chunks.content(1) + chunks.finish));
  expect(clock.step()).toBe(false);
  attempt.resume();
  sink.onData(encode(event('[DONE]')));
  expect((await attempt.ended).kind).toBe('complete');
});

test('once the client reads again, an end marker that does not come fails the attempt after its grace, not after a stall', async () => {
  const { attempt, sink, clock } = attemptForSlowClient();
  sink.onData(encode(chunks.role + chunks.content(1) + chunks.finish));
  attempt.resume();
  expect(clock.step()).toBe(true);
  expect(clock.nowMs()).toBe(2000);
  expect(await attempt.ended).toMatchObject({ kind: 'failed', failure: { what: 'no end marker after the finish reason' } });
});
