import { afterAll, beforeAll, expect, test } from 'vitest';
import { leapingClock } from './testing/leaping-clock.ts';
import { readAnswer, type RawAnswer } from './testing/read-answer.ts';
import { startDemoEngine } from '../engine/testing/start-demo-engine.ts';
import type { EndpointAddress } from '../fleet/endpoint.ts';
import { emulatorProfile } from './profiles.ts';
import { startEmulator, type Emulator } from './start-emulator.ts';

const question = { model: 'demo', messages: [{ role: 'user', content: 'What is a second source?' }], temperature: 0, seed: 1, max_tokens: 24 };

let engine: Awaited<ReturnType<typeof startDemoEngine>>;
let direct: EndpointAddress;
let emulator: Emulator;

beforeAll(async () => {
  engine = await startDemoEngine({ name: 'wrapped', gpu: false, sequences: 2 });
  direct = { kind: 'socket', socketPath: engine.socketPath, basePath: '/v1' };
  const found = emulatorProfile('amd-mi300x');
  if (!found.ok) throw new Error(found.failure);
  emulator = await startEmulator({
    id: 'mi300x',
    profile: found.value,
    upstream: direct,
    listen: { port: 0 },
    clock: leapingClock(),
    random: () => 0.5,
  });
}, 60_000);

afterAll(async () => {
  await emulator.stop();
  await engine.close();
});

function ask(address: EndpointAddress, path: string, body: object): Promise<RawAnswer> {
  return readAnswer(address, { path, body: JSON.stringify(body) });
}

/** The answer without what differs between two requests for the same: identity, and what the engine had cached. */
function withoutIdentity(text: string): string {
  return text.replaceAll(/"(id|created|cached_tokens)":("[^"]*"|\d+)/g, '"$1":0');
}

test.each([
  ['a chat stream', '/v1/chat/completions', { ...question, stream: true, return_token_ids: true, stream_options: { include_usage: true } }],
  ['a chat answer', '/v1/chat/completions', question],
  ['a completion stream', '/v1/completions', { model: 'demo', prompt: 'A second source is', temperature: 0, seed: 1, max_tokens: 12, stream: true }],
])('%s of the embedded engine comes through the emulator unchanged and labelled', async (_name, path, body) => {
  const fromEngine = await ask(direct, path, body);
  const emulated = await ask(emulator.address, path, body);
  expect(fromEngine).toMatchObject({ status: 200, end: 'whole' });
  expect(emulated).toMatchObject({ status: 200, end: 'whole' });
  expect(withoutIdentity(emulated.text)).toBe(withoutIdentity(fromEngine.text));
  expect(emulated.headers['x-second-source-emulated']).toBe('amd-mi300x');
  expect(fromEngine.headers['x-second-source-emulated']).toBeUndefined();
});

test('the emulator counts the tokens that the engine reports', async () => {
  const before = emulator.report().tokens;
  const answer = await ask(emulator.address, '/v1/chat/completions', {
    ...question,
    stream: true,
    return_token_ids: true,
    stream_options: { include_usage: true },
  });
  const usage = /"completion_tokens":(\d+)/.exec(answer.text)?.[1];
  expect(emulator.report().tokens - before).toBe(Number(usage));
  expect(emulator.report().engineFailures).toBe(0);
});

test('the engine’s own claim about its silicon does not come through the emulator', async () => {
  expect((await readAnswer(direct, { path: '/v1/silicon', method: 'GET' })).status).toBe(200);
  expect((await readAnswer(emulator.address, { path: '/v1/silicon', method: 'GET' })).status).toBe(404);
});
