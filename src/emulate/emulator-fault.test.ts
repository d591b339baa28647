import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { startEmulatedEngine, type EmulatedEngine, type EmulatedEngineOptions } from './testing/emulated-engine.ts';
import { numberedStream, numberedWhole } from './testing/numbered-token-server.ts';
import { readAnswer, type RawAnswer } from './testing/read-answer.ts';
import type { EmulatorFault } from './emulator-fault.ts';
import { engineDeathEvents, garbageEvent } from './relay-answer.ts';

const chat = '/v1/chat/completions';
const streamBody = '{"model":"m","stream":true,"messages":[]}';
const wholeBody = '{"model":"m","messages":[]}';
const sixTokens = { eventTokens: [1, 1, 2, 1, 1] };

const running: EmulatedEngine[] = [];
async function start(options: EmulatedEngineOptions = sixTokens): Promise<EmulatedEngine> {
  const started = await startEmulatedEngine(options);
  running.push(started);
  return started;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((started) => started.stop()));
});

const askStream = ({ emulator }: EmulatedEngine): Promise<RawAnswer> => readAnswer(emulator.address, { path: chat, body: streamBody });
const askWhole = ({ emulator }: EmulatedEngine): Promise<RawAnswer> => readAnswer(emulator.address, { path: chat, body: wholeBody });

/** The role event and those that bring the first `events` of content. */
function beginning(events: number): string {
  return numberedStream(sixTokens)
    .slice(0, 1 + events)
    .join('');
}

describe('a fault on command', () => {
  test.each(['fin', 'rst'] as const)('cuts a stream after exactly so many tokens by %s', async (ending) => {
    const started = await start();
    started.emulator.setFault({ kind: 'cut', afterTokens: 2, ending, framing: 'chunked' });
    expect(await askStream(started)).toMatchObject({ status: 200, end: 'cut', text: beginning(2) });
  });

  test('cut before an event that holds more tokens than are left', async () => {
    const started = await start();
    started.emulator.setFault({ kind: 'cut', afterTokens: 3, ending: 'fin', framing: 'chunked' });
    expect(await askStream(started)).toMatchObject({ end: 'cut', text: beginning(2) });
  });

  test('cut by FIN without chunked framing looks like a proper end to a client that trusts the transport', async () => {
    const started = await start();
    started.emulator.setFault({ kind: 'cut', afterTokens: 2, ending: 'fin', framing: 'close' });
    const answer = await askStream(started);
    expect(answer).toMatchObject({ end: 'whole', text: beginning(2) });
    expect(answer.headers['transfer-encoding']).toBeUndefined();
  });

  test('sends an error event, [DONE] and a proper end, as a dying vLLM does', async () => {
    const started = await start();
    started.emulator.setFault({ kind: 'error-event', afterTokens: 2 });
    expect(await askStream(started)).toMatchObject({ end: 'whole', text: beginning(2) + engineDeathEvents });
  });

  test('replaces one event by garbage, and goes on', async () => {
    const started = await start();
    started.emulator.setFault({ kind: 'garbage', afterTokens: 2 });
    const events = numberedStream(sixTokens);
    expect(await askStream(started)).toMatchObject({ end: 'whole', text: [...events.slice(0, 3), garbageEvent, ...events.slice(4)].join('') });
    expect(() => void JSON.parse(garbageEvent.slice('data: '.length))).toThrow(SyntaxError);
  });

  test('stalls an answer, which goes on once the fault is taken back', async () => {
    const started = await start();
    started.emulator.setFault({ kind: 'stall', afterTokens: 2 });
    let lastSeen = '';
    let stalledAt = '';
    const answer = await readAnswer(started.emulator.address, {
      path: chat,
      body: streamBody,
      onText: (text) => {
        // Long after every token was due; by then the next timer of the answer is already set.
        if (lastSeen === '') {
          started.clock.after(10_000, () => {
            stalledAt = lastSeen;
            started.emulator.setFault(undefined);
          });
        }
        lastSeen = text;
      },
    });
    expect(stalledAt).toBe(beginning(2));
    expect(answer).toMatchObject({ end: 'whole', text: numberedStream(sixTokens).join('') });
    expect(started.emulator.report().answers).toBe(0);
  });

  test('leaves a stalled client free to go, and breaks off the engine’s work', async () => {
    const started = await start({ ...sixTokens, breakAfter: { events: 4, how: 'open' } });
    started.emulator.setFault({ kind: 'stall', afterTokens: 1 });
    const leave = new AbortController();
    const answer = readAnswer(started.emulator.address, {
      path: chat,
      body: streamBody,
      signal: leave.signal,
      onText: (text) => void (text === beginning(1) && leave.abort()),
    });
    expect((await answer).text).toBe(beginning(1));
    await started.engine.seen('breaks', 1);
  });

  test('slows every answer by its factor', async () => {
    const plain = await start();
    await askStream(plain);
    const slowed = await start();
    slowed.emulator.setFault({ kind: 'slow', factor: 10 });
    await askStream(slowed);
    expect(slowed.clock.nowMs() / plain.clock.nowMs()).toBeCloseTo(10, 0);
  });

  test('refuses with 429 and its retry-after, or with a page of HTML', async () => {
    const started = await start();
    started.emulator.setFault({ kind: 'rate-limit', retryAfterS: 30 });
    expect(await askStream(started)).toMatchObject({ status: 429, headers: { 'retry-after': '30', 'content-type': 'application/json' } });
    started.emulator.setFault({ kind: 'http-500' });
    const page = await askWhole(started);
    expect(page).toMatchObject({ status: 500, headers: { 'content-type': 'text/html', 'x-second-source-emulated': 'nvidia-h100' } });
    expect(page.text).toMatch(/^<html>/);
    expect(started.engine.bodies).toHaveLength(0);
  });

  test('reaches answers in one piece too', async () => {
    const started = await start();
    const whole = numberedWhole(sixTokens);
    started.emulator.setFault({ kind: 'cut', afterTokens: 2, ending: 'fin', framing: 'chunked' });
    expect(await askWhole(started)).toMatchObject({ status: 200, end: 'cut', text: whole.slice(0, Math.floor(whole.length / 2)) });
    started.emulator.setFault({ kind: 'garbage', afterTokens: 0 });
    expect(await askWhole(started)).toMatchObject({ status: 200, end: 'whole', text: whole.slice(0, Math.floor(whole.length / 2)) });
    started.emulator.setFault({ kind: 'error-event', afterTokens: 0 });
    expect(await askWhole(started)).toMatchObject({ status: 500, headers: { 'content-type': 'application/json' } });
    started.emulator.setFault({ kind: 'cut', afterTokens: 7, ending: 'fin', framing: 'chunked' });
    expect(await askWhole(started)).toMatchObject({ end: 'whole', text: whole });
  });
});

describe('a chip that is down', () => {
  test('resets what is under way and whatever comes, until it is back', async () => {
    const started = await start({ ...sixTokens, breakAfter: { events: 4, how: 'open' } });
    const underWay = await readAnswer(started.emulator.address, {
      path: chat,
      body: streamBody,
      onText: (text) => void (text === beginning(1) && started.emulator.setFault({ kind: 'down', how: 'reset' })),
    });
    expect(underWay.end).toBe('cut');
    await started.engine.seen('breaks', 1);
    await expect(askStream(started)).rejects.toMatchObject({ code: 'ECONNRESET' });
    started.emulator.setFault(undefined);
    expect((await askWhole(started)).status).toBe(200);
  });

  test('by refusal listens no more, and comes back at the same address', async () => {
    const started = await start();
    const { address } = started.emulator;
    started.emulator.setFault({ kind: 'down', how: 'refuse' });
    await started.emulator.settled();
    await expect(askWhole(started)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    started.emulator.setFault(undefined);
    await started.emulator.settled();
    expect((await askWhole(started)).status).toBe(200);
    expect(started.emulator.address).toEqual(address);
  });
});

describe('POST /control/fault', () => {
  const command = (started: EmulatedEngine, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
    readAnswer(started.emulator.address, { path: '/control/fault', body, headers });

  test('sets and ends a fault, and stays reachable while the chip is down', async () => {
    const started = await start();
    expect(await command(started, '{"fault":{"kind":"down","how":"reset"}}')).toMatchObject({ status: 200 });
    await expect(askWhole(started)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await command(started, '{"fault":null}')).toMatchObject({ status: 200, text: '{"fault":null}' });
    expect((await askWhole(started)).status).toBe(200);
  });

  test.each([
    ['an unknown fault', '{"fault":{"kind":"fire"}}'],
    ['a fault with more than it should have', '{"fault":{"kind":"http-500","extra":1}}'],
    ['a negative count', '{"fault":{"kind":"stall","afterTokens":-1}}'],
    ['a refusal, which could not be ended over HTTP', '{"fault":{"kind":"down","how":"refuse"}}'],
    ['what is no JSON', '{'],
    ['no fault at all', '{}'],
  ])('refuses %s', async (_name, body) => {
    const started = await start();
    expect((await command(started, body)).status).toBe(400);
    expect(started.emulator.fault()).toBeUndefined();
  });

  test('is closed to web pages', async () => {
    const started = await start();
    expect(
      (
        await command(started, '{"fault":{"kind":"http-500"}}', {
          origin: started.emulator.address.kind === 'url' ? started.emulator.address.origin : '',
        })
      ).status,
    ).toBe(403);
    expect((await command(started, '{"fault":{"kind":"http-500"}}', { 'content-type': 'text/plain' })).status).toBe(400);
    expect(started.emulator.fault()).toBeUndefined();
  });
});

const strikingFault: fc.Arbitrary<EmulatorFault | undefined> = fc.option(
  fc.oneof(
    fc.record({
      kind: fc.constant('cut' as const),
      afterTokens: fc.nat(12),
      ending: fc.constantFrom('fin' as const, 'rst' as const),
      framing: fc.constant('chunked' as const),
    }),
    fc.record({ kind: fc.constant('error-event' as const), afterTokens: fc.nat(12) }),
    fc.record({ kind: fc.constant('garbage' as const), afterTokens: fc.nat(12) }),
  ),
  { nil: undefined },
);

/** What a client must see of a stream under a fault, by the definition of each. */
function expected(eventTokens: readonly number[], fault: EmulatorFault | undefined): { readonly text: string; readonly end: 'whole' | 'cut' } {
  const events = numberedStream({ eventTokens });
  if (fault === undefined || !('afterTokens' in fault)) return { text: events.join(''), end: 'whole' };
  let sent = 0;
  const struck = events.findIndex((_event, index) => {
    const tokens = eventTokens[index - 1] ?? 0;
    const strikes = sent >= fault.afterTokens || sent + tokens > fault.afterTokens;
    sent += tokens;
    return strikes;
  });
  if (struck === -1) return { text: events.join(''), end: 'whole' };
  const before = events.slice(0, struck).join('');
  if (fault.kind === 'cut') return { text: before, end: 'cut' };
  if (fault.kind === 'error-event') return { text: before + engineDeathEvents, end: 'whole' };
  return { text: before + garbageEvent + events.slice(struck + 1).join(''), end: 'whole' };
}

test('any stream under any fault, however its bytes are split, shows exactly what the fault says', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 8 }),
      strikingFault,
      fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
      async (eventTokens, fault, pieceBytes) => {
        const started = await startEmulatedEngine({ eventTokens, ...(pieceBytes === undefined ? {} : { pieceBytes: Math.max(16, pieceBytes) }) });
        try {
          started.emulator.setFault(fault);
          expect(await askStream(started)).toMatchObject(expected(eventTokens, fault));
        } finally {
          await started.stop();
        }
      },
    ),
    { numRuns: 60 },
  );
});
