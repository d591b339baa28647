import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedFiles } from './generate-config-docs.ts';
import { loadConfig } from '../src/config/load-config.ts';

for (const { path, render } of generatedFiles) {
  test(`${path} is what the schema says (run scripts/generate-config-docs.ts to renew it)`, () => {
    expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(render());
  });
}

test('the example in the documentation is a configuration that loads', () => {
  const docs = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
  const example = /```yaml\n([^]*?)```/.exec(docs)?.[1] ?? '';
  const loaded = loadConfig('example.yaml', { GROQ_API_KEY: 'k' }, () => example);
  expect(loaded.ok ? loaded.value.endpoints.map(({ id, silicon }) => [id, silicon.evidence]) : loaded.failure).toEqual([
    ['groq', 'inferred'],
    ['rack-7', 'declared'],
  ]);
});

test('every key of the configuration is described', () => {
  const rows = generatedFiles[1]
    .render()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter((row) => / {2}\|$/.test(row) || row.endsWith('|  |'))).toEqual([]);
});
