import { describe, expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from './testing/run-captured.ts';
import { tmpdir } from 'node:os';

const example = fileURLToPath(new URL('../../docs/examples/simulated-fleet.yaml', import.meta.url));
const azure = fileURLToPath(new URL('../../benchmarks/traces/azure-conversation-2023.csv.gz', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'simulate-'));

const few = ['--requests', '300', '--policy', 'round-robin', '--policy', 'least-request', '--seeds', '2', '--threads', '2'];

test('simulate runs each policy with each seed, prints a table and writes what was asked for', async () => {
  const { code, stdout, stderr, files } = await runCaptured([
    'simulate',
    example,
    '--trace',
    'poisson:20',
    ...few,
    '--html',
    '/r.html',
    '--csv',
    '/r.csv',
  ]);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Simulated, not measured. 4 runs of 300 requests') });
  expect(stdout).toMatch(/^POLICY .*\n(?:round-robin|least-request) /);
  expect(files.get('/r.html')).toContain('<svg');
  expect(files.get('/r.csv')?.split('\r\n')).toHaveLength(6);
});

test('simulate gives the same JSON for the same seeds, on however many threads', async () => {
  const run = (threads: string) =>
    runCaptured(['simulate', example, '--trace', azure, '--load', '8', ...few.slice(0, -1), threads, '--bound', '--json']);
  const [one, two] = [await run('1'), await run('2')];
  expect(one.code).toBe(0);
  expect(one.stdout).toBe(two.stdout);
  const { results, bounds } = JSON.parse(one.stdout);
  expect({ results: results.length, bounds: bounds.length, evidence: results[0].evidence }).toEqual({ results: 4, bounds: 2, evidence: 'simulated' });
});

describe('simulate says what is wrong', () => {
  const fleet = (text: string): string => {
    const path = join(folder, 'fleet.yaml');
    writeFileSync(path, text);
    return path;
  };
  const text = readFileSync(example, 'utf8');

  test.each<[string, string, RegExp]>([
    ['an unknown key', text.replace('  layers: 32', '  layer: 32'), /fleet\.yaml:\d+:\d+: model\.layer: there is no such key here/],
    ['a fleet without pools', 'model: {}\n', /fleet\.yaml:\d+:\d+: pools: /],
    [
      'a fault of nobody',
      text.replace('name: nvidia }', 'name: nvidea }'),
      /faults\[0\]\.target\.name: there is no vendor of that name\. There are: nvidia, amd, intel/,
    ],
    ['YAML that is none', 'model: [', /fleet\.yaml:1:/],
  ])('of %s, with file, line and key', async (_what, yaml, message) => {
    const { code, stderr } = await runCaptured(['simulate', fleet(yaml), '--trace', 'poisson:1']);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test.each<[readonly string[], RegExp]>([
    [['simulate'], /Which fleet\?/],
    [['simulate', example], /Which trace\?/],
    [['simulate', example, '--trace', 'poisson:fast'], /is no law/],
    [['simulate', example, '--trace', 'poisson:1', '--policy', 'round-robbin'], /Did you mean `round-robin`\?/],
    [['simulate', example, '--trace', 'poisson:1', '--load', '0'], /--load needs a number above 0/],
    [['simulate', example, '--trace', 'poisson:1', '--bound', '--requests', '1000000'], /--bound takes at most/],
    [['simulate', example, '--trace', 'nowhere.csv'], /nowhere\.csv cannot be read/],
    [['simulate', 'nowhere.yaml', '--trace', 'poisson:1'], /nowhere\.yaml: this file cannot be read/],
  ])('of %o', async (argv, message) => {
    const { code, stderr } = await runCaptured(argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('of a trace, with its line', async () => {
    const path = join(folder, 'trace.csv');
    writeFileSync(path, 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.68,1,x\n');
    const { code, stderr } = await runCaptured(['simulate', example, '--trace', path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/trace\.csv: line 2: GeneratedTokens is `x`/);
  });
});
