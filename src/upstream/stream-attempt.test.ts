import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chatChunks } from '../../test/support/numbered-answer.ts';
import { event } from '../../test/support/scripted-upstream.ts';
import { replayable } from '../std/testing/replayable.ts';
import { sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { testLimits } from '../../test/support/test-fleet.ts';
import { virtualClock, type VirtualClock } from '../../test/support/virtual-clock.ts';
import { StreamAttempt } from './stream-attempt.ts';
import type { StreamedChunk, TextPiece } from './stream-listener.ts';
import type { UpstreamSink } from './transport.ts';

const chunks = chatChunks(false);
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const asked = {
  endpoint: sampleEndpoint({}),
  request: { method: 'POST', path: '/chat/completions', body: undefined },
  route: 'chat',
  choices: 1,
  newCallId: String,
} as const;

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

/** What an attempt that is told the bytes in these pieces says of them, each given, or lent and overwritten behind it. */
async function heardOf(pieces: readonly string[], lends: boolean): Promise<readonly unknown[]> {
  const heard: unknown[] = [];
  const clock = virtualClock();
  let sink: UpstreamSink | undefined;
  const transport = {
    send: (_endpoint: unknown, _request: unknown, given: UpstreamSink) => {
      sink = given;
      return { abort: () => heard.push('aborted'), pause: () => {}, resume: () => {} };
    },
  };
  const listener = {
    onIdle: ({ event: { data } }: StreamedChunk) => void heard.push(['idle', data]),
    onContent: ({ facts, event: { data } }: StreamedChunk) => {
      heard.push([facts.text, data]);
      return 'taken' as const;
    },
    onText: ({ text, bytes, start, end, textStart, textEnd }: TextPiece) => {
      const [raw, spelled] = [bytes.slice(start, end), bytes.slice(textStart, textEnd)].map((part) => decoder.decode(part));
      expect(JSON.parse(`"${spelled}"`)).toBe(text);
      heard.push([text, raw?.slice(6, -2)]);
      return 'taken' as const;
    },
  };
  const attempt = new StreamAttempt(asked, listener, transport, clock, testLimits);
  sink?.onHead(200, { 'content-type': 'text/event-stream' });
  for (const piece of pieces) {
    const bytes = encode(`..${piece}`);
    const taken = lends ? (sink?.takeLent?.(bytes, 2, bytes.length) ?? 2) : 2;
    const rest = bytes.slice(taken);
    bytes.fill(0x2a);
    if (rest.length > 0) sink?.onData(rest);
  }
  sink?.onEnd();
  const end = await attempt.ended;
  heard.push(end.kind === 'failed' ? end.failure : end.kind === 'complete' ? end.done.finish?.event.data : end.kind);
  return heard;
}

test('an attempt says the same of what is lent as of what is given, however it is split', async () => {
  const said = fc.oneof(fc.constant('idle'), fc.constant('error'), fc.stringMatching(/^[a-z "é]{1,12}$/), fc.string({ minLength: 1 }));
  const cuts = fc.array(fc.nat(2000), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 6 }), fc.boolean(), cuts, fc.boolean(), async (texts, ends, given, isWhole) => {
      const told = texts.map((text) => (text === 'idle' ? ': ka\n\n' : text === 'error' ? event('{"error":{"message":"no"}}') : contentEvent(text)));
      const events = [chunks.role, ...told, ...(ends ? [chunks.finish, event('[DONE]')] : [])];
      const whole = events.join('');
      const places = [0, ...given.filter((at) => at < whole.length).toSorted((a, b) => a - b), whole.length];
      const pieces = isWhole ? events : places.slice(1).map((end, index) => whole.slice(places[index], end));
      expect(await heardOf(pieces, true)).toEqual(await heardOf(pieces, false));
    }),
    replayable('src/upstream/stream-attempt.test.ts', 300),
  );
});

function contentEvent(content: string): string {
  return event(JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model: 'up', choices: [{ index: 0, delta: { content } }] }));
}
