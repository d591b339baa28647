import { expect, onTestFinished, test } from 'vitest';
import { chunk, event, lastChunk, streamHead } from '../support/scripted-upstream.ts';
import { gatewayOver, held } from '../support/started.ts';
import { isAllowedAddress } from '../../src/config/host-reach.ts';
import { HttpTransport } from '../../src/upstream/http-transport.ts';
import { owningProcess } from '../../src/policy/owning-process.ts';
import { postRaw, viewStream } from '../support/read-answer.ts';
import { request } from 'node:http';
import { sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { HeldUpstream } from '../support/held-upstream.ts';
import type { TestGateway } from '../support/test-gateway.ts';

const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });

/** A key that belongs to the other of two processes. */
const othersKey = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].find((key) => owningProcess(JSON.stringify(['local', key]), 2) === 1) ?? '';

interface Two {
  /** The one that clients reach; its endpoint must never be asked in these tests. */
  readonly reached: TestGateway;
  readonly owner: TestGateway;
  readonly upstream: HeldUpstream;
}

/** Two gateways as two processes are: the first passes on to the second what that one owns. */
async function two(): Promise<Two> {
  // No timeout of the owner's may do what its client's leaving is to do.
  const { gate: owner, upstream } = await held({ limits: { ttftTimeoutMs: 60_000, totalTimeoutMs: 60_000 } });
  const transport = new HttpTransport({ connectTimeoutMs: 1000, headerBytes: 16_384, connectionsPerEndpoint: 8, isAllowedAddress }, systemClock);
  onTestFinished(() => transport.close());
  const address = { kind: 'url', origin: owner.url, basePath: '' } as const;
  const siblings = {
    index: 0,
    count: 2,
    transport,
    plugged: () => {},
    endpointOf: () => sampleEndpoint({ id: 'process 1', address, allowPrivate: true }),
  };
  const reached = await gatewayOver([{ id: 'never', origin: 'http://127.0.0.1:9' }], { siblings });
  return { reached, owner, upstream };
}

const said = (content: string, reason: string | null = null): string =>
  chunk(
    event(
      JSON.stringify({
        id: 'c',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'up',
        choices: [{ index: 0, delta: reason === null ? { content } : {}, finish_reason: reason }],
      }),
    ),
  );
const end = said('', 'stop') + chunk(event('[DONE]')) + lastChunk;

test('what another process owns is streamed from there as it comes', async () => {
  const { reached, owner, upstream } = await two();
  let text = '';
  const answer = postRaw(`${reached.url}/v1/chat/completions`, body, { 'idempotency-key': othersKey }, (all) => (text = all));
  const call = await upstream.next();
  await call.write(streamHead + said('one '));
  await expect.poll(() => text).toContain('one ');
  await call.write(said('two') + end);
  const { status, headers, ended, text: whole } = await answer;
  expect([status, ended, viewStream(whole).text, viewStream(whole).done]).toEqual([200, 'proper', 'one two', true]);
  expect(headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'x-second-source-endpoint': 'one' });
  expect([owner.requests(), owner.charges.length, reached.charges.length]).toEqual([1, 1, 0]);
});

test('an answer that breaks there breaks here: an error, no end marker, a cut', async () => {
  const { reached, upstream } = await two();
  const answer = postRaw(`${reached.url}/v1/chat/completions`, body, { 'idempotency-key': othersKey });
  const call = await upstream.next();
  await call.write(streamHead + said('one '));
  call.reset();
  const { ended, text } = await answer;
  expect([ended, viewStream(text).text, viewStream(text).done]).toEqual(['cut', 'one ', false]);
});

test('a client that leaves ends what the other process runs for it', async () => {
  const { reached, upstream } = await two();
  const asked = request(`${reached.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': othersKey },
  });
  asked.on('error', () => {});
  asked.end(body);
  const call = await upstream.next();
  expect(call.broken()).toBe(false);
  asked.destroy();
  await expect.poll(call.broken).toBe(true);
});

test('while the owner is not there, its requests are refused as busy, in the words of their API; others are not', async () => {
  const { reached, owner } = await two();
  await owner.stop();
  const chat = await postRaw(`${reached.url}/v1/chat/completions`, body, { 'idempotency-key': othersKey });
  expect([chat.status, chat.headers['retry-after'], JSON.parse(chat.text).error.code]).toEqual([503, '1', 'overloaded']);
  const messages = await postRaw(`${reached.url}/v1/messages`, '{}', { 'idempotency-key': othersKey });
  expect([messages.status, JSON.parse(messages.text)]).toMatchObject([503, { type: 'error', error: { type: 'overloaded_error' } }]);
  expect((await postRaw(`${reached.url}/v1/chat/completions`, '{}')).status).toBe(400);
});

test('a body over the limit is refused where it arrives', async () => {
  const { reached, owner } = await two();
  const large = await postRaw(`${reached.url}/v1/chat/completions`, Buffer.alloc((1 << 20) + 1), { 'idempotency-key': othersKey });
  expect([large.status, owner.requests()]).toEqual([413, 0]);
});
