import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { badConfigSamples } from './bad-config-samples.ts';
import { badShareSamples } from './bad-share-samples.ts';
import { formatConfigProblem } from './config-problem.ts';
import { loadConfig, type LoadOptions } from './load-config.ts';
import type { Config } from './config-schema.ts';

const env = { EMPTY: ' ', KEY: 'k-1', TWO_LINES: 'k\r\nx-admin: 1' };
const options: LoadOptions = { profileNames: ['h100', 'mi300x'] };

/** Reads `text` as the file `c.yaml`; the only other file is `/secrets/key`. */
function load(text: string, more: Partial<LoadOptions> = {}): ReturnType<typeof loadConfig> {
  return loadConfig(
    'c.yaml',
    env,
    (path) => {
      if (path === 'c.yaml') return text;
      if (path === resolve('/secrets/key')) return 'k-2\n';
      throw new Error('no such file');
    },
    { ...options, ...more },
  );
}

function linesOf(loaded: ReturnType<typeof loadConfig>): readonly string[] {
  return loaded.ok ? [] : loaded.failure.map(formatConfigProblem);
}

function valid(text: string, more: Partial<LoadOptions> = {}): Config {
  const loaded = load(text, more);
  if (!loaded.ok) throw new Error(linesOf(loaded).join('\n'));
  return loaded.value;
}

describe('what is wrong is said with file, line, column, key, cause and remedy', () => {
  test.each([...badConfigSamples, ...badShareSamples])('$name', ({ text, lines }) => {
    expect(linesOf(load(text))).toEqual(lines);
  });
});

test.each(['', '# nothing yet\n', '---\n', 'listen:\nendpoints:\nlimits:\n'])('a file without content gives all defaults (%j)', (text) => {
  const config = valid(text);
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 4000, backlog: 4096, publicAccess: false, keys: [] });
  expect(config.limits).toMatchObject({ requestBodyBytes: 10_485_760, ttftTimeoutMs: 30_000, attemptsPerRequest: 3, eventBytes: 4_194_304 });
  expect(config.ledger.directory).toBe(resolve('.second-source/ledger'));
});

test('no file at all gives the same as an empty one', () => {
  expect(loadConfig(undefined, {}, () => '')).toEqual(loadConfig('empty.yaml', {}, () => ''));
});

test('a file that cannot be read is an error, not an empty configuration', () => {
  const loaded = loadConfig('gone.yaml', {}, () => {
    throw new Error('ENOENT');
  });
  expect(linesOf(loaded)).toEqual(['gone.yaml: this file cannot be read. Create it, make it readable for this user, or correct the path.']);
});

test('secrets are read from variables and files, without the line break at their end', () => {
  const config = valid('listen: {keys: ["env:KEY", "file:/secrets/key"]}\nendpoints: [{id: a, url: "https://x.example", key: "env:KEY"}]\n');
  expect(config.listen.keys).toEqual([
    { id: 'KEY', key: 'k-1' },
    { id: 'key', key: 'k-2' },
  ]);
  expect(config.endpoints[0]?.key).toBe('k-1');
});

test('teams and their key store have defaults, and whoever configures teams may be reached by others', () => {
  const config = valid(
    'listen: {host: 0.0.0.0, publicAccess: true}\nteams: [{id: red, approvals: {regions: ["eu-*"]}}]\nledger: {directory: here}\n',
  );
  expect(config.teams).toEqual([{ id: 'red', name: 'red', approvals: { regions: ['eu-*'] }, scopes: {} }]);
  expect(config.keyStore).toEqual({ directory: resolve('here/keys'), environment: 'live', pepper: undefined, previousPepper: undefined });
});

test('silicon is declared by the file, inferred for a known host, and unknown for all others', () => {
  const config = valid(
    'endpoints:\n  - {id: a, url: "https://api.groq.com", silicon: {vendor: amd, chip: MI300X}}\n  - {id: b, url: "https://api.groq.com/openai"}\n  - {id: c, url: "https://api.openai.com"}\n',
  );
  expect(config.endpoints.map(({ silicon }) => silicon)).toEqual([
    { vendor: 'amd', chip: 'MI300X', evidence: 'declared' },
    { vendor: 'groq', chip: 'LPU', evidence: 'inferred' },
    { vendor: 'unknown', chip: 'unknown', evidence: 'unknown' },
  ]);
  expect(config.endpoints.map(({ processor }) => processor)).toEqual(['groq', 'groq', 'openai']);
});

test('an unknown price stays unknown, and cached input costs what input costs unless said otherwise', () => {
  const config = valid('engines:\n  - {id: a, model: m/Tiny.GGUF}\n  - {id: b, model: b.gguf, price: {inputUsdPerMtok: 2, outputUsdPerMtok: 3}}\n');
  expect(config.engines.map(({ name, price }) => [name, price])).toEqual([
    ['Tiny', undefined],
    ['b', { inputUsdPerMtok: 2, cachedInputUsdPerMtok: 2, outputUsdPerMtok: 3 }],
  ]);
});

test('where provenance is told: everywhere unless said otherwise, and the older key still works', () => {
  const told = (text: string): string => valid(text).responses.provenance;
  expect(told('')).toBe('full');
  expect(told('responses: { provenanceHeaders: false }')).toBe('body');
  expect(told('responses: { provenanceHeaders: false, provenance: none }')).toBe('none');
});

test('the command line adds endpoints and replaces keys of `listen`, and its mistakes are said to be its own', () => {
  const file = 'listen: {port: 5000, keys: ["env:KEY"]}\nendpoints: [{id: a, url: "https://x.example"}]\n';
  const config = valid(file, { overlay: { listen: { port: 6000 }, endpoints: [{ id: 'b', url: 'https://y.example' }] } });
  expect(config.listen).toMatchObject({ port: 6000, keys: [{ key: 'k-1' }] });
  expect(config.endpoints.map(({ id }) => id)).toEqual(['a', 'b']);
  const wrong = load(file, { overlay: { listen: { port: 99_999 }, endpoints: [{ id: 'a', url: 'http://y.example' }] } });
  expect(linesOf(wrong).map((line) => line.slice(0, 38))).toEqual([
    'command line: listen.port: is more tha',
    'command line: endpoints[1].id: endpoin',
    'command line: endpoints[1].url: is htt',
  ]);
});

test('no text, however strange, makes it throw, and every problem points into the text', () => {
  const pieces = fc.constantFrom(
    'listen',
    'endpoints',
    'engines',
    'limits',
    'id',
    'url',
    'port',
    ': ',
    '- ',
    '\n',
    '\n  ',
    '\n\t',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a ',
    '*a',
    '!!x ',
    '|',
    '>',
    '? ',
    '# ',
    '---\n',
    '...\n',
    '%',
    '4000',
    'null',
    '~',
    'env:KEY',
    '__proto__',
    '\u0000',
    '\ufeff',
    '\u{1f600}',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, pieces, fc.string({ maxLength: 4 })), { maxLength: 40 }), (parts) => {
      const text = parts.join('');
      const loaded = load(text);
      for (const problem of loaded.ok ? [] : loaded.failure) {
        const { line, column } = problem.position ?? { line: 1, column: 1 };
        expect(line).toBeLessThanOrEqual(text.split(/\r\n|\n|\r/).length + 1);
        expect(line).toBeGreaterThan(0);
        expect(column).toBeGreaterThan(0);
        expect(formatConfigProblem(problem)).not.toMatch(/[\r\n]/);
      }
    }),
    { numRuns: 1500 },
  );
});

test('a file with ten thousand mistakes gives the first hundred', () => {
  const text = Array.from({ length: 10_000 }, (_, index) => `key${index}: 1\n`).join('');
  expect(linesOf(load(text))).toHaveLength(100);
  expect(linesOf(load('a: 1\n'.repeat(10_000)))).toHaveLength(100);
});

test('S5: a secret never stands in an error, wherever in the file it was put', () => {
  const secret = 'sk-live-4f9a8c7e';
  const places = fc.constantFrom(
    `listen: {keys: ["${secret}"]}`,
    `listen: {host: "${secret}"}`,
    `listen: {port: "${secret}"}`,
    `listen: "${secret}"`,
    `endpoints: ["${secret}"]`,
    `endpoints: [{id: a, url: "https://${secret}@x.example"}]`,
    `endpoints: [{id: a, url: "https://x.example?k=${secret}"}]`,
    `endpoints: [{id: "${secret} ", url: "https://x.example"}]`,
    `endpoints: [{id: a, url: "https://x.example", key: "${secret}"}]`,
    `endpoints: [{id: a, url: "https://x.example", key: ["${secret}"]}]`,
    `endpoints: [{id: a, url: "${secret}"}]`,
    `engines: [{id: a, model: m.gguf, gpu: "${secret}"}]`,
    `ledger: {fsync: "${secret}"}`,
    `listen: {keys: ["${secret}`,
    `listen: {keys: [${secret}: ${secret}: x]}`,
  );
  fc.assert(
    fc.property(fc.array(places, { minLength: 1, maxLength: 3 }), (lines) => {
      expect(linesOf(load(lines.join('\n'))).join('\n')).not.toContain('4f9a8c7e');
    }),
    { numRuns: 200 },
  );
});
