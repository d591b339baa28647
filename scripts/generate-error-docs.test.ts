import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorDocsPath, renderErrorDocs } from './generate-error-docs.ts';

test('docs/errors.md is what the catalogue says (run scripts/generate-error-docs.ts to renew it)', () => {
  expect(readFileSync(new URL(`../${errorDocsPath}`, import.meta.url), 'utf8')).toBe(renderErrorDocs());
});
