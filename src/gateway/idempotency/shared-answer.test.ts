import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayable } from '../../std/testing/replayable.ts';
import { sampleEndpoint } from '../../fleet/testing/sample-endpoint.ts';
import { SharedAnswer, type FollowingClient } from './shared-answer.ts';
import type { AnswerHead } from '../client-answer.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { Provenance } from '../../upstream/provenance.ts';

const provenance: Provenance = { endpoint: sampleEndpoint({}), attempts: 1, overheadMs: 0, ttftMs: undefined };

/** A client whose connection takes so many bytes before it asks to wait. */
class ScriptedClient implements FollowingClient {
  head: AnswerHead | undefined;
  text = '';
  ended: 'open' | 'proper' | 'failed' | 'gone' = 'open';
  room: number;
  #drain: () => void = () => {};
  #gone: () => void = () => {};

  constructor(room: number) {
    this.room = room;
  }

  begin(head: AnswerHead): void {
    expect(this.head).toBeUndefined();
    this.head = head;
  }

  write(bytes: Uint8Array): boolean {
    expect(this.ended).toBe('open');
    this.text += Buffer.from(bytes).toString('latin1');
    this.room -= bytes.length;
    return this.room > 0;
  }

  onDrain(run: () => void): void {
    this.#drain = run;
  }

  onGone(run: () => void): void {
    this.#gone = run;
  }

  end(): void {
    this.ended = 'proper';
  }

  fail(_fault: Fault): void {
    this.ended = 'failed';
  }

  drain(room: number): void {
    if (this.room > 0 || this.ended !== 'open') return;
    this.room = room;
    this.#drain();
  }

  leave(): void {
    if (this.ended !== 'open') return;
    this.ended = 'gone';
    this.#gone();
  }
}

interface Watched {
  readonly answer: SharedAnswer;
  readonly events: string[];
}

function shared(roomBytes: number): Watched {
  const events: string[] = [];
  let taken = 0;
  const answer = new SharedAnswer({
    slot: {
      takeRoom: (bytes) => {
        taken += bytes;
        return taken <= roomBytes;
      },
      keep: () => events.push('keep'),
      forget: () => events.push('forget'),
    },
    nowMs: () => 0,
    headOf: () => ({ status: 200, headers: { 'x-of': 'relay' } }),
  });
  answer.onGone(() => events.push('gone'));
  return { answer, events };
}

const text = (length: number, from: number): Uint8Array => Buffer.from(Array.from({ length }, (_, index) => 97 + ((from + index) % 26)));

test('a follower that comes late gets the answer from its beginning, then live, with a word that it is a replay', () => {
  const { answer, events } = shared(1000);
  const first = new ScriptedClient(Infinity);
  const second = new ScriptedClient(Infinity);
  answer.follow(first);
  answer.commit(provenance);
  answer.write(text(10, 0));
  answer.follow(second, { 'idempotent-replayed': 'true' });
  expect(second.text).toBe(first.text);
  answer.write(text(10, 10));
  answer.end();
  for (const client of [first, second]) expect(client).toMatchObject({ text: Buffer.from(text(20, 0)).toString(), ended: 'proper' });
  expect(first.head).toEqual({ status: 200, headers: { 'x-of': 'relay' } });
  expect(second.head).toEqual({ status: 200, headers: { 'x-of': 'relay', 'idempotent-replayed': 'true' } });
  expect(events).toEqual(['keep']);
});

test('one client that leaves takes nothing from the others; the last one stops the run, at once and once', () => {
  const { answer, events } = shared(1000);
  const clients = [new ScriptedClient(Infinity), new ScriptedClient(Infinity)];
  for (const client of clients) answer.follow(client);
  clients[0]?.leave();
  expect(events).toEqual([]);
  clients[1]?.leave();
  expect(events).toEqual(['forget', 'gone']);
  answer.write(text(5, 0));
  answer.fail({ code: 'client_closed' });
  expect(events).toEqual(['forget', 'gone']);
});

test('a failure reaches all who wait and is not kept; a refusal of the request itself is', () => {
  for (const [status, kept] of [
    [502, 'forget'],
    [429, 'forget'],
    [404, 'forget'],
    [400, 'keep'],
    [413, 'keep'],
  ] as const) {
    const { answer, events } = shared(1000);
    const client = new ScriptedClient(Infinity);
    answer.follow(client);
    answer.send({ status, headers: {}, body: '{}' });
    expect(client).toMatchObject({ head: { status }, text: '{}', ended: 'proper' });
    expect(events).toEqual([kept]);
  }
});

test('once nothing is stored any more, the slowest follower holds the upstream back, and its leaving frees it', () => {
  const { answer } = shared(0);
  const slow = new ScriptedClient(1);
  const quick = new ScriptedClient(Infinity);
  let drained = 0;
  answer.onDrain(() => (drained += 1));
  answer.follow(slow);
  answer.follow(quick);
  answer.commit(provenance);
  let written = 0;
  while (answer.write(text(10_000, written))) written += 10_000;
  expect(written).toBeLessThan(400_000);
  expect(quick.text.length).toBe(written + 10_000);
  slow.leave();
  expect(drained).toBe(1);
  expect(answer.write(text(10_000, 0))).toBe(true);
});

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), bytes: fc.nat(30_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('follow' as const), room: fc.integer({ min: 1, max: 50_000 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('drain' as const), which: fc.nat(9), room: fc.integer({ min: 1, max: 90_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat(9) }) },
);

test('over any history every follower has a beginning of the answer, and all of it in the end', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), fc.nat(200_000), fc.constantFrom('end', 'fail'), (acts, room, how) => {
      const { answer, events } = shared(room);
      const stays = new ScriptedClient(1);
      const clients = [stays];
      answer.follow(stays);
      answer.commit(provenance);
      let written = 0;
      for (const step of acts) {
        const client = 'which' in step ? clients[step.which % clients.length] : undefined;
        if (step.kind === 'write') {
          answer.write(text(step.bytes, written));
          written += step.bytes;
        }
        // The store lets nobody attach to an answer whose beginning is gone.
        if (step.kind === 'follow' && written <= room) {
          const late = new ScriptedClient(step.room);
          clients.push(late);
          answer.follow(late);
        }
        if (step.kind === 'drain') client?.drain(step.room);
        if (step.kind === 'leave' && client !== stays) client?.leave();
      }
      if (how === 'end') answer.end();
      else answer.fail({ code: 'upstream_stream_error' });
      for (const client of clients) for (let turn = 0; client.ended === 'open' && turn < 1000; turn += 1) client.drain(Infinity);
      const whole = Buffer.from(text(written, 0)).toString();
      for (const client of clients) {
        if (client.ended === 'gone') expect(whole.startsWith(client.text)).toBe(true);
        else expect(client.text === whole && client.ended === (how === 'end' ? 'proper' : 'failed')).toBe(true);
      }
      expect(events).toEqual([how === 'end' ? 'keep' : 'forget']);
    }),
    replayable('src/gateway/idempotency/shared-answer.test.ts', 200),
  );
});
