import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedFiles } from './generate-control-docs.ts';

test.each(generatedFiles)('$path is what the routes say; `node scripts/generate-control-docs.ts` renews it', ({ path, render }) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(render());
});
