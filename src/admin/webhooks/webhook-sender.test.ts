import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { virtualClock } from '../../../test/support/virtual-clock.ts';
import { WebhookSender } from './webhook-sender.ts';
import type { ControlEvent } from '../events/event-hub.ts';
import type { WebhookConfig } from '../../config/resolve-webhooks.ts';

const hook: WebhookConfig = { id: 'a', origin: 'https://x.example', path: '/', events: ['share.near'], secret: 'hush', allowPrivate: false };
const event = (seq: number, kind: ControlEvent['kind'] = 'share.near'): ControlEvent => ({ seq, kind, atWallMs: 5000, data: { seq } });
const settled = (): Promise<unknown> => new Promise(setImmediate);

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function world(statusOf: (count: number) => number | undefined | Promise<number | undefined>) {
  const clock = virtualClock();
  const sent: Sent[] = [];
  const said: string[] = [];
  let ids = 0;
  const sender = new WebhookSender({
    clock,
    random: () => 1,
    say: (message) => said.push(message),
    newId: () => `id-${(ids += 1)}`,
    post: async (_hook, headers, body) => {
      sent.push({ headers, body });
      return statusOf(sent.length);
    },
  });
  sender.use([hook]);
  return { clock, sent, said, sender };
}

test('an event that is asked for is sent once, signed over its id, its time and its body', async () => {
  const { sent, sender } = world(() => 204);
  sender.accept(event(1));
  sender.accept(event(2, 'audit'));
  await settled();
  expect(sent).toHaveLength(1);
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = sent[0]?.headers ?? {};
  expect(signature).toBe(`v1,${createHmac('sha256', 'hush').update(`${id}.${at}.${sent[0]?.body}`).digest('base64')}`);
  expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ type: 'share.near', timestamp: '1970-01-01T00:00:05.000Z', seq: 1, data: { seq: 1 } });
});

test('what fails is tried eight times under the same id, then given up with a word; the next is sent all the same', async () => {
  const { clock, sent, said, sender } = world((count) => (count <= 8 ? (count % 2 === 0 ? 500 : undefined) : 200));
  sender.accept(event(1));
  sender.accept(event(2));
  for (let tries = 0; tries < 8; tries += 1) {
    await settled();
    clock.step();
  }
  await settled();
  expect(sent.map(({ headers }) => headers['webhook-id'])).toEqual([...Array.from({ length: 8 }, () => 'id-1'), 'id-2']);
  expect(said).toEqual(['webhook a: an event was given up after 8 tries (500).']);
  expect(JSON.parse(sent.at(-1)?.body ?? '')).toMatchObject({ seq: 2, dropped: 1 });
});

test('no more than 256 wait, however slow the receiver is, and it learns how many it missed', async () => {
  let answer = (_status: number): void => {};
  const { sent, sender } = world((count) => (count === 1 ? new Promise((resolve) => (answer = resolve)) : 200));
  for (let seq = 1; seq <= 1000; seq += 1) sender.accept(event(seq));
  await settled();
  answer(200);
  await settled();
  expect(sent).toHaveLength(256);
  expect(sent.map(({ body }) => JSON.parse(body).seq).slice(0, 3)).toEqual([1, 746, 747]);
  expect(JSON.parse(sent[1]?.body ?? '')).toMatchObject({ dropped: 744 });
  expect(JSON.parse(sent[2]?.body ?? '')).not.toHaveProperty('dropped');
});

test('410 ends it at once, and a webhook that is taken out is not asked again', async () => {
  const { clock, sent, said, sender } = world((count) => (count === 1 ? 410 : 500));
  sender.accept(event(1));
  await settled();
  expect(said).toEqual(['webhook a: an event was given up after 1 try (410).']);
  sender.accept(event(2));
  await settled();
  sender.stop();
  clock.step();
  await settled();
  expect(sent).toHaveLength(2);
});
