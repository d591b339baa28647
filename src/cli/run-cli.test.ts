import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandList } from './command-list.ts';
import { runCaptured } from './testing/run-captured.ts';

test('without a command the help goes to standard error, as a mistake', async () => {
  expect(await runCaptured([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage: second-source COMMAND') });
});

test('help that was asked for goes to standard output', async () => {
  for (const argv of [['help'], ['--help'], ['-h']])
    expect(await runCaptured(argv)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Usage:') });
});

test.each(Object.keys(commandList))('`help %s` and `%s --help` say the same and name every option', async (name) => {
  const asked = await runCaptured(['help', name]);
  expect(asked).toMatchObject({ code: 0, stderr: '' });
  expect(await runCaptured([name, '--help'])).toEqual(asked);
  const command = await commandList[name]?.load();
  for (const option of Object.keys(command?.options ?? {})) expect(asked.stdout).toContain(`  --${option}`);
});

test('--version is the version of the package', async () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(manifest).toMatchObject({ version: (await runCaptured(['--version'])).stdout.trim() });
});

test.each([
  [['stats'], 'There is no command `stats`. Did you mean `status`?'],
  [['frobnicate'], 'There is no command `frobnicate`. `second-source help` lists them.'],
  [['help', 'doktor'], 'Did you mean `doctor`?'],
  [['constructor'], 'There is no command `constructor`.'],
  [['chat', '--ulr', 'x'], 'There is no option --ulr. Did you mean --url?'],
  [['chat', '--url'], '--url needs a value: --url URL.'],
  [['chat', '--url', '--json'], '--url needs a value: --url URL.'],
  [['status', '--json=1'], '--json takes no value.'],
  [['status', '--control', 'a', '--control', 'b'], '--control is given twice; give it once.'],
  [['status', '--control', 'ftp://x'], 'is not an http URL'],
  [['status', 'now'], '`now` is one word too many.'],
  [['chat'], 'What shall be asked?'],
  [['chat', 'hi', '--max-tokens', '0'], '--max-tokens needs a whole number from 1 to 1000000.'],
  [['chat', 'two', 'words'], '`words` is one word too many. Quote text that has spaces.'],
  [['usage', '--by', 'vendors'], 'Did you mean `vendor`?'],
  [['endpoints', 'unplg', 'a'], 'Did you mean `endpoints unplug`?'],
  [['endpoints', 'unplug'], 'Which one?'],
  [['up', '--port', '70000'], '--port needs a whole number from 0 to 65535.'],
  [['up'], 'There is nothing to serve. Give at least one of\n  --demo'],
  [['up', '--key-env', 'K', '--endpoint', 'https://x.example'], '--key-env belongs after the --endpoint'],
  [['up', '--endpoint', 'https://x.example', '--key-env', 'sk-123'], 'not the key itself'],
  [['emulate'], 'Which chip?'],
  [['emulate', '--profile', 'nvidia-h10'], 'Did you mean `nvidia-h100`?'],
  [['emulate', '--profile', 'nvidia-h100'], 'Which engine computes the tokens?'],
])('%j is refused with exit code 2 and a way out', async (argv, why) => {
  const { code, stdout, stderr } = await runCaptured(argv, { env: { NO_COLOR: '1' } });
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(why);
});

test('colours appear on a terminal alone, and not where they are declined', async () => {
  const coloured = async (isTTY: boolean, env: Record<string, string>): Promise<boolean> =>
    (await runCaptured(['nope'], { isTTY, env })).stderr.includes('\x1b[');
  expect(await coloured(true, {})).toBe(true);
  expect(await coloured(false, {})).toBe(false);
  expect(await coloured(true, { NO_COLOR: '1' })).toBe(false);
  expect(await coloured(true, { TERM: 'dumb' })).toBe(false);
});

test('control characters of an argument do not reach the terminal', async () => {
  expect((await runCaptured(['\x1b]0;title\x07'])).stderr).not.toMatch(/[\x07\x1b]/);
});

test('the process ends with the exit code of its command', async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const ended = await new Promise<unknown>((resolve) => {
    execFile(process.execPath, [main, 'stats'], { env: {} }, (error) => resolve(error?.code));
  });
  expect(ended).toBe(2);
});
