import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeLocalEngine, findLocalEngines } from './find-local-engines.ts';
import { parseArguments } from './parse-arguments.ts';
import { runCaptured } from './testing/run-captured.ts';
import { startReplay } from './testing/replay-engine.ts';
import { startServer, type TestServer } from './testing/start-server.ts';
import { upCommand } from './up.ts';
import { upOverlay } from './up-overlay.ts';
import type { CommandLineConfig } from '../config/locate-value.ts';

let folder = '';
const servers: TestServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'second-source-up-'));
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function overlayOf(argv: readonly string[], withFile = false): CommandLineConfig {
  return upOverlay(parseArguments(argv, upCommand), '/work-folder', withFile);
}

test('--key-env belongs to the --endpoint before it', () => {
  expect(
    overlayOf(['--endpoint', 'https://a.example', '--endpoint', 'https://b.example', '--key-env', 'B', '--endpoint', 'https://c.example']),
  ).toEqual({
    endpoints: [
      { id: 'a.example', url: 'https://a.example' },
      { id: 'b.example', url: 'https://b.example', key: 'env:B' },
      { id: 'c.example', url: 'https://c.example' },
    ],
  });
});

test('ids are made of hosts and file names, each once, and model paths start from the working folder', () => {
  const overlay = overlayOf(['--endpoint', 'http://[::1]:8000', '--model', 'my model.gguf', '--model', '/other/my model.GGUF']);
  expect(overlay.endpoints?.map(({ id }) => id)).toEqual(['1-8000']);
  expect(overlay.engines).toEqual([
    { id: 'my-model', model: resolve('/work-folder/my model.gguf') },
    { id: 'my-model-2', model: '/other/my model.GGUF' },
  ]);
});

test('--public takes the key from SECOND_SOURCE_KEY unless a file has its own', () => {
  expect(overlayOf(['--public']).listen).toEqual({ host: '0.0.0.0', publicAccess: true, keys: ['env:SECOND_SOURCE_KEY'] });
  expect(overlayOf(['--public', '--host', '10.0.0.1'], true).listen).toEqual({ host: '10.0.0.1', publicAccess: true });
});

test('S20: a public gateway does not start without a key', async () => {
  const { code, stderr } = await runCaptured(['up', '--public', '--endpoint', 'https://a.example'], { workingDirectory: folder });
  expect(code).toBe(2);
  expect(stderr).toContain('command line: listen.keys[0]: the environment variable SECOND_SOURCE_KEY is not set.');
});

test('all problems of the configuration are printed, one a line, and nothing starts', async () => {
  writeFileSync(join(folder, 'second-source.yaml'), 'listen: {prot: 1}\nendpoints: [{id: a, url: x}]\n');
  const { code, stderr } = await runCaptured(['up'], { workingDirectory: folder });
  expect(code).toBe(2);
  const file = join(folder, 'second-source.yaml');
  expect(
    stderr
      .split('\n')
      .filter((line) => line.startsWith('error'))
      .map((line) => line.split(': ').slice(0, 2)),
  ).toEqual([
    [`error ${file}:1:10`, 'listen.prot'],
    [`error ${file}:2:26`, 'endpoints[0].url'],
  ]);
});

test('a file that --config names and that is not there is an error', async () => {
  expect(await runCaptured(['up', '--config', 'gone.yaml'], { workingDirectory: folder })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('gone.yaml: this file cannot be read.'),
  });
});

test('up serves what it was given, discovers its models, and ends with 0 when told to stop', async () => {
  const engine = await startReplay('vllm');
  servers.push(engine);
  writeFileSync(join(folder, 'second-source.yaml'), 'listen: {port: 0}\nledger: {directory: ledger}\n');
  const { code, stderr } = await runCaptured(['up', '--endpoint', engine.url], { workingDirectory: folder, stopped: Promise.resolve() });
  expect(stderr).toContain('serves tiny.');
  expect(code).toBe(0);
});

test('engines on the usual ports are found, named with the command that uses them, and the rest is passed over', async () => {
  const engine = await startReplay('vllm');
  const silent = await startServer(() => {});
  const other = await startServer((_request, _body, response) => void response.end('<html>'));
  servers.push(engine, silent, other);
  const ports = [engine, silent, other].map(({ url }) => ({ port: Number(new URL(url).port), usualEngine: 'vLLM' }));
  const found = await findLocalEngines(ports);
  expect(found).toEqual([{ ...ports[0], models: ['tiny'] }]);
  expect(found.map(describeLocalEngine).join('')).toContain(`second-source up --endpoint ${engine.url}`);
});
