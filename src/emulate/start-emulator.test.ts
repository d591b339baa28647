import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startEmulatedEngine, type EmulatedEngine, type EmulatedEngineOptions } from './testing/emulated-engine.ts';
import { leapingClock } from './testing/leaping-clock.ts';
import { numberedStream, numberedWhole } from './testing/numbered-token-server.ts';
import { readAnswer } from './testing/read-answer.ts';
import { tpotMs, ttftMs } from './pace.ts';
import { emulatorProfile } from './profiles.ts';
import { startEmulator, type Emulator } from './start-emulator.ts';

const chat = '/v1/chat/completions';
const streamBody = '{"model":"m","stream":true, "messages":[]}';
const wholeBody = '{"model":"m","messages":[]}';
const eightTokens = { eventTokens: [1, 2, 1, 3, 1] };

const running: EmulatedEngine[] = [];
async function start(options: EmulatedEngineOptions = eightTokens): Promise<EmulatedEngine> {
  const started = await startEmulatedEngine(options);
  running.push(started);
  return started;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((started) => started.stop()));
});

/** When token `n` of a request that is alone is due, in virtual milliseconds. */
function dueMs({ profile }: EmulatedEngine, n: number, promptTokens = 3): number {
  let due = ttftMs(profile, promptTokens, { sequences: 1, residentKvTokens: promptTokens });
  let resident = promptTokens;
  for (const count of eightTokens.eventTokens) {
    const intervals = resident === promptTokens ? count - 1 : count;
    if (resident - promptTokens >= n) break;
    due += intervals * tpotMs(profile, { sequences: 1, residentKvTokens: resident });
    resident += count;
  }
  return due;
}

/** Asks for the metrics until so many requests wait for the emulated batch. */
async function untilWaiting(emulator: Emulator, count: number): Promise<void> {
  let metrics = '';
  while (!metrics.includes(`second_source_emulator_waiting{profile="nvidia-h100"} ${count}\n`)) {
    metrics = (await readAnswer(emulator.address, { path: '/metrics', method: 'GET' })).text;
  }
}

describe('an emulated answer', () => {
  test('passes a stream’s bytes on as they came, named as emulated', async () => {
    const { emulator, engine } = await start({ ...eightTokens, pieceBytes: 7 });
    const answer = await readAnswer(emulator.address, { path: chat, body: streamBody });
    expect(answer).toMatchObject({ status: 200, end: 'whole', text: numberedStream(eightTokens).join('') });
    expect(answer.headers['x-second-source-emulated']).toBe('nvidia-h100');
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(engine.bodies).toEqual([streamBody]);
  });

  test('of a stream takes TTFT and then TPOT for each token, not for each chunk', async () => {
    const started = await start();
    await readAnswer(started.emulator.address, { path: chat, body: streamBody });
    expect(started.clock.nowMs()).toBeCloseTo(dueMs(started, 8), 0);
    expect(started.emulator.report()).toMatchObject({ answers: 1, tokens: 8, lateByEngine: 0, engineFailures: 0 });
    expect(started.emulator.report().latenessMs?.max).toBeLessThanOrEqual(0.5);
  });

  test('in one piece comes after TTFT + (n − 1) · TPOT, byte for byte', async () => {
    const started = await start();
    const answer = await readAnswer(started.emulator.address, { path: chat, body: wholeBody });
    expect(answer).toMatchObject({ status: 200, end: 'whole', text: numberedWhole(eightTokens) });
    const load = { sequences: 1, residentKvTokens: 3 };
    expect(started.clock.nowMs()).toBeCloseTo(ttftMs(started.profile, 3, load) + 7 * tpotMs(started.profile, load), 0);
  });

  test('of a slow engine is told from one that was in time', async () => {
    const clock = leapingClock();
    const { emulator } = await start({ eventTokens: Array.from({ length: 60 }, () => 1), clock, pace: { clock, gapMs: 60 } });
    for (let time = 0; time < 3; time += 1) await readAnswer(emulator.address, { path: chat, body: streamBody });
    const report = emulator.report();
    expect(report).toMatchObject({ held: 'no', answers: 3, tokens: 180 });
    expect(report.lateByEngine).toBeGreaterThan(100);
    expect(report.sentence).toContain('wrapped engine is slower');
  });

  test('is held where engine and machine are fast enough', async () => {
    const { emulator } = await start({ eventTokens: Array.from({ length: 60 }, () => 1) });
    for (let time = 0; time < 3; time += 1) await readAnswer(emulator.address, { path: chat, body: streamBody });
    expect(emulator.report()).toMatchObject({ held: 'yes', answers: 3, tokens: 180 });
  });

  test('whose client leaves is broken off at the engine, and its place is free again', async () => {
    const { emulator, engine } = await start({ ...eightTokens, breakAfter: { events: 3, how: 'open' }, limits: { maxConcurrent: 1, maxWaiting: 0 } });
    const leave = new AbortController();
    const asked = readAnswer(emulator.address, {
      path: chat,
      body: streamBody,
      signal: leave.signal,
      onText: (text) => void (text.includes('[2,3]') && leave.abort()),
    });
    expect((await asked).end).toBe('cut');
    await engine.seen('breaks', 1);
    const next = new AbortController();
    const again = readAnswer(emulator.address, { path: chat, body: streamBody, signal: next.signal, onText: () => next.abort() });
    expect((await again).status).toBe(200);
  });

  test.each(['cut', 'half'] as const)('never ends cleanly when its engine breaks off (%s)', async (how) => {
    const { emulator } = await start({ ...eightTokens, breakAfter: { events: 3, how } });
    const answer = await readAnswer(emulator.address, { path: chat, body: streamBody });
    expect(answer.end).toBe('cut');
    expect(emulator.report()).toMatchObject({ held: 'no', engineFailures: 1 });
  });
});

test('a client that does not read holds the engine up instead of filling memory', async () => {
  const event = `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(65_536)}"}}]}\n\n`;
  const events = 1_000;
  let sent = 0;
  let blocked: () => void = () => undefined;
  const engineBlocked = new Promise<void>((resolve) => {
    blocked = resolve;
  });
  const engine = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = (idleTurns: number): void => {
      if (sent === events) return void response.end();
      if (!response.writableNeedDrain) {
        sent += 1;
        response.write(event);
      } else if (idleTurns > 500) blocked();
      setImmediate(() => write(response.writableNeedDrain ? idleTurns + 1 : 0));
    };
    write(0);
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  const bound = engine.address();
  const found = emulatorProfile('nvidia-h100');
  if (!found.ok || typeof bound !== 'object' || bound === null) throw new Error('There is a port and a profile.');
  const upstream = { kind: 'url', origin: `http://127.0.0.1:${bound.port}`, basePath: '/v1' } as const;
  const emulator = await startEmulator({
    id: 'slow-reader',
    profile: found.value,
    upstream,
    listen: { port: 0 },
    clock: leapingClock(0),
    random: () => 0.5,
  });
  const origin = emulator.address.kind === 'url' ? emulator.address.origin : '';
  const length = await new Promise<number>((resolve, reject) => {
    const outgoing = request(origin + chat, { method: 'POST', agent: false }, (response) => {
      void engineBlocked.then(() => {
        expect(sent).toBeLessThan(events / 2);
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('end', () => resolve(bytes));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(streamBody);
  });
  expect(length).toBe(events * event.length);
  expect(emulator.report().heldUpByClient).toBeGreaterThan(0);
  await emulator.stop();
  await new Promise((resolve) => engine.close(resolve));
});

describe('an emulator at its limits', () => {
  test('answers beyond batch and queue with 429 and retry-after, and lets the queue move up', async () => {
    const { emulator, engine } = await start({
      ...eightTokens,
      breakAfter: { events: 2, how: 'open' },
      limits: { maxConcurrent: 1, maxWaiting: 1, retryAfterS: 7 },
    });
    const first = new AbortController();
    const second = new AbortController();
    const seated = readAnswer(emulator.address, { path: chat, body: streamBody, signal: first.signal });
    await engine.seen('requests', 1);
    const waiting = readAnswer(emulator.address, { path: chat, body: streamBody, signal: second.signal, onText: () => second.abort() });
    await untilWaiting(emulator, 1);
    const refused = await readAnswer(emulator.address, { path: chat, body: wholeBody });
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '7', 'x-second-source-emulated': 'nvidia-h100' } });
    expect(engine.bodies).toHaveLength(1);
    first.abort();
    await seated.catch(() => undefined);
    expect((await waiting).status).toBe(200);
  });

  test('gives the place of a client that left the queue to the next', async () => {
    const { emulator, engine } = await start({ ...eightTokens, breakAfter: { events: 2, how: 'open' }, limits: { maxConcurrent: 1, maxWaiting: 1 } });
    const first = new AbortController();
    const impatient = new AbortController();
    const seated = readAnswer(emulator.address, { path: chat, body: streamBody, signal: first.signal });
    await engine.seen('requests', 1);
    const left = readAnswer(emulator.address, { path: chat, body: streamBody, signal: impatient.signal });
    await untilWaiting(emulator, 1);
    impatient.abort();
    await expect(left).rejects.toThrow(/abort/i);
    await untilWaiting(emulator, 0);
    first.abort();
    await seated.catch(() => undefined);
    expect(engine.bodies).toHaveLength(1);
  });

  test('says 503, not a clean end, when its engine is gone', async () => {
    const started = await start();
    await started.engine.stop();
    const answer = await readAnswer(started.emulator.address, { path: chat, body: streamBody });
    expect(answer).toMatchObject({ status: 503, headers: { 'x-second-source-emulated': 'nvidia-h100' } });
    expect(started.emulator.report()).toMatchObject({ held: 'no', engineFailures: 1 });
  });

  test('takes no body above its limit', async () => {
    const { emulator, engine } = await start();
    const answer = await readAnswer(emulator.address, { path: chat, body: `{"pad":"${'x'.repeat(16 * 1_024 * 1_024)}"}` }).catch(() => undefined);
    // The client may still be sending when the answer and the end of the connection come.
    expect(answer === undefined || answer.status === 413).toBe(true);
    expect(engine.bodies).toHaveLength(0);
  });
});

describe('the other routes', () => {
  test('come from the engine, or are refused, always named as emulated', async () => {
    const { emulator } = await start();
    const get = (path: string, method: 'GET' | 'POST' = 'GET'): ReturnType<typeof readAnswer> => readAnswer(emulator.address, { path, method });
    expect(await get('/v1/models')).toMatchObject({ status: 200, text: '{"path":"/v1/models"}' });
    expect(await get('/v1/models/m')).toMatchObject({ text: '{"path":"/v1/models/m"}' });
    expect(await get('/health')).toMatchObject({ text: '{"path":"/health"}' });
    expect(await get('/v1/files')).toMatchObject({ status: 404 });
    expect(await get(chat)).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    for (const path of ['/v1/models', '/nowhere', '/control/hold']) expect((await get(path)).headers['x-second-source-emulated']).toBe('nvidia-h100');
  });

  test('show the hold report as JSON and as metrics after the engine’s own', async () => {
    const { emulator } = await start();
    await readAnswer(emulator.address, { path: chat, body: streamBody });
    const hold: unknown = JSON.parse((await readAnswer(emulator.address, { path: '/control/hold', method: 'GET' })).text);
    expect(hold).toEqual({ ...emulator.report() });
    const metrics = await readAnswer(emulator.address, { path: '/metrics', method: 'GET' });
    expect(metrics.text.startsWith('{"path":"/metrics"}\n# HELP second_source_emulator_')).toBe(true);
    expect(metrics.text).toContain('second_source_emulator_tokens_total{profile="nvidia-h100"} 8\n');
  });

  test('answer bytes that are no HTTP with a 400 that is named as emulated', async () => {
    const { emulator } = await start();
    if (emulator.address.kind !== 'url') throw new Error('This test needs a port.');
    const text = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(emulator.address.kind === 'url' ? emulator.address.origin : '').port), '127.0.0.1', () =>
        socket.write('NOT HTTP\r\n\r\n'),
      );
      let seen = '';
      socket.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')));
      socket.on('close', () => resolve(seen));
    });
    expect(text).toContain('400 Bad Request\r\nx-second-source-emulated: nvidia-h100\r\n');
  });
});

test('an emulator serves on a Unix socket as on a port', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-'));
  const { emulator } = await start({ ...eightTokens, listen: { socketPath: join(folder, 'e.sock') } });
  expect(emulator.address).toEqual({ kind: 'socket', socketPath: join(folder, 'e.sock'), basePath: '/v1' });
  expect(await readAnswer(emulator.address, { path: chat, body: streamBody })).toMatchObject({
    end: 'whole',
    text: numberedStream(eightTokens).join(''),
  });
  emulator.setFault({ kind: 'cut', afterTokens: 1, ending: 'rst', framing: 'chunked' });
  expect((await readAnswer(emulator.address, { path: chat, body: streamBody })).end).toBe('cut');
  await rm(folder, { recursive: true });
});
