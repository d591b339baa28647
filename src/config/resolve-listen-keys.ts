import { readSecret } from './read-secret.ts';
import { take, type Report } from './report.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';

/** A key of `listen.keys`, with the name by which ledger and budgets know it. */
export interface NamedSecret {
  readonly id: string;
  readonly key: string;
}

const longestId = 64;

/**
 * Reads the keys that the file refers to. Each is named for its variable or its file, because that stays the same when the
 * key is replaced, says something to people, and shows nothing of the key; a name that came before gets a number.
 */
export function resolveListenKeys(references: readonly string[], around: ConfigSurroundings, report: Report): readonly NamedSecret[] {
  const keys: NamedSecret[] = [];
  for (const [index, reference] of references.entries()) {
    const path = ['listen', 'keys', index];
    const key = take(readSecret(reference, around), path, report);
    if (key === undefined) continue;
    const first = keys.findIndex((one) => one.key === key);
    if (first >= 0 && keys.length === index) report(path, { what: `is the same key as keys[${first}]`, fix: 'Remove one of the two.' });
    keys.push({ id: unusedId(nameIn(reference), keys), key });
  }
  return keys;
}

function nameIn(reference: string): string {
  const name = reference.startsWith('env:') ? reference.slice(4) : (/([^/\\]*)$/.exec(reference.slice(5))?.[1] ?? '');
  const usable = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return usable === '' ? 'key' : usable.slice(0, longestId);
}

function unusedId(name: string, keys: readonly NamedSecret[]): string {
  const isUsed = (id: string): boolean => keys.some((one) => one.id === id);
  let id = name;
  for (let number = 2; isUsed(id); number += 1) id = `${name.slice(0, longestId - 5)}-${number}`;
  return id;
}
