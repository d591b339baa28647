import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dialectDocsPath, renderDialectDocs } from './generate-dialect-docs.ts';

test('docs/dialects.md is what the profiles say (run scripts/generate-dialect-docs.ts to renew it)', () => {
  expect(readFileSync(new URL(`../${dialectDocsPath}`, import.meta.url), 'utf8')).toBe(renderDialectDocs());
});
