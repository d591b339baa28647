import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allMutants } from './all-mutants.ts';
import { applyEdit } from './mutant.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('there are at least thirty mutants, each with a name of its own', () => {
  expect(allMutants.length).toBeGreaterThanOrEqual(30);
  expect(new Set(allMutants.map(({ name }) => name)).size).toBe(allMutants.length);
});

test.each(allMutants)('$name: it still fits the code, and so does the test that must kill it', ({ edits, killedBy }) => {
  const texts = new Map(edits.map(({ file }) => [file, read(file)]));
  for (const edit of edits) {
    const before = texts.get(edit.file) ?? '';
    const after = applyEdit(before, edit);
    expect(after).not.toBe(before);
    texts.set(edit.file, after);
  }
  expect(read(killedBy.titleIn ?? killedBy.file)).toContain(`'${killedBy.test}'`);
});
