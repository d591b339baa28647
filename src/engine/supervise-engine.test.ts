import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { systemClock } from '../std/clock.ts';
import { superviseEngine, type EngineFault } from './supervise-engine.ts';
import { callEngine } from './testing/call-engine.ts';
import { demoModelPath, startDemoEngine } from './testing/start-demo-engine.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
  const began = performance.now();
  while (!(await condition())) {
    if (performance.now() - began > limitMs) throw new Error(`Not within ${limitMs} ms.`);
    await sleep(5);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('an engine killed in the middle of a stream is reported, cut without an end mark, and back', { timeout: 30_000 }, async () => {
  const { engine, socketPath, close } = await startDemoEngine();
  const faults: EngineFault[] = [];
  let readyAgain = 0;
  engine.onFault((fault) => faults.push(fault));
  engine.onReady(() => (readyAgain += 1));
  const pid = engine.pid();
  if (pid === undefined) throw new Error('A ready engine has a process.');
  const cut = callEngine(
    socketPath,
    '/v1/completions',
    { model: 'demo', prompt: 'A', max_tokens: 900, ignore_eos: true, stream: true },
    () => isAlive(pid) && process.kill(pid, 'SIGKILL'),
  );
  const answer = await cut;
  expect(answer.complete).toBe(false);
  expect(answer.text).not.toContain('[DONE]');
  // How soon is measured by `npm run benchmark:loss`.
  await until(() => engine.state() === 'ready' && readyAgain === 1, 25_000);
  expect(faults).toMatchObject([{ reason: 'signal SIGKILL', restarts: 1 }]);
  expect((await callEngine(socketPath, '/health')).status).toBe(200);
  expect(engine.pid()).not.toBe(pid);
  await close();
  expect(engine.state()).toBe('stopped');
});

test('stop ends the process, and an open stream with an error event but no end mark', async () => {
  const { engine, socketPath, close } = await startDemoEngine();
  const pid = engine.pid() ?? 0;
  let stopped: Promise<void> | undefined;
  const answer = await callEngine(
    socketPath,
    '/v1/completions',
    { model: 'demo', prompt: 'A', max_tokens: 900, ignore_eos: true, stream: true },
    () => (stopped ??= engine.stop()),
  );
  await stopped;
  expect(answer.text).toContain('"code":"engine_stopping"');
  expect(answer.text).not.toContain('[DONE]');
  expect(answer.complete).toBe(false);
  expect(isAlive(pid)).toBe(false);
  await close();
}, 30_000);

test('no orphan survives the death of the parent, and Ctrl-C alone does not end the engine', async () => {
  const folder = mkdtempSync(join(tmpdir(), '2s-orphan-'));
  const script = join(folder, 'parent.ts');
  const source = (name: string): string => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)));
  const options = { name: 'orphan', modelPath: demoModelPath, modelName: 'demo', threads: 1, socketDirectory: folder };
  writeFileSync(
    script,
    `import { superviseEngine } from ${source('supervise-engine.ts')};
import { systemClock } from ${source('../std/clock.ts')};
const engine = await superviseEngine(${JSON.stringify(options)}, systemClock);
console.log(engine.pid());
setInterval(() => undefined, 1000);
`,
  );
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(Number(String(text)))));
  expect(isAlive(pid)).toBe(true);
  process.kill(pid, 'SIGINT');
  await sleep(100);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid), 20_000);
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test('an engine that cannot start says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), '2s-broken-'));
  const broken = join(folder, 'broken.gguf');
  writeFileSync(broken, 'no model');
  const starting = superviseEngine({ name: 'broken', modelPath: broken, modelName: 'demo', socketDirectory: folder }, systemClock);
  await expect(starting).rejects.toThrow(/`broken` did not start: exit code 1.*does not begin with "GGUF"/su);
  rmSync(folder, { recursive: true, force: true });
}, 30_000);
