import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ownSecret } from './own-secret.ts';
import { StateSecret } from './state-secret.ts';

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'second-source-secret-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('the first start makes a secret for this user alone, and every other finds it', () => {
  const path = join(folder(), 'deep', 'secret');
  const made = ownSecret(path);
  expect(made).toEqual({ ok: true, value: readFileSync(path, 'utf8').trim() });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(ownSecret(path)).toEqual(made);
});

test('nothing is derived from a secret that is cut short', () => {
  const directory = folder();
  writeFileSync(join(directory, 'control-secret'), '');
  expect(ownSecret(join(directory, 'control-secret'))).toEqual({ ok: false, failure: { kind: 'cut-short' } });
  expect(() => StateSecret.in(directory)).toThrow(/cut short/);
});

test('a secret that cannot be made or read is said, with what the file system says', () => {
  const directory = folder();
  writeFileSync(join(directory, 'file'), '');
  expect(ownSecret(join(directory, 'file', 'secret'))).toMatchObject({ ok: false, failure: { kind: 'unreadable', error: { code: 'ENOTDIR' } } });
});
