import { createHmac, randomBytes, randomFillSync, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { StartProblem } from '../start-problem.ts';
import type { KeySecrets } from '../../access/key-store.ts';
import type { KeyStoreConfig } from '../../config/config-schema.ts';

const pepperBytes = 32;

/** Digests under the peppers of the configuration, or under one in a file beside the store, which the first start makes. */
export function keySecrets({ directory, pepper, previousPepper }: KeyStoreConfig): KeySecrets {
  const present = pepper ?? ownPepper(directory);
  const peppers = [present, ...(previousPepper === undefined ? [] : [previousPepper])].map((secret) => ({ id: pepperId(secret), secret }));
  return {
    random: (bytes) => void randomFillSync(bytes),
    digests: (key) => peppers.map(({ id, secret }) => ({ pepper: id, digest: createHmac('sha256', secret).update(key).digest() })),
    isEqual: timingSafeEqual,
  };
}

/** Names a pepper in the store: it must be told apart from others there, and nothing of it may be learnt. */
function pepperId(secret: string): string {
  return createHmac('sha256', secret).update('second-source pepper id').digest('hex').slice(0, 8);
}

/**
 * The pepper that the gateway keeps for itself. Where several begin at once, one of them makes it: a link, unlike a
 * write, puts the whole file there or fails.
 */
function ownPepper(directory: string): string {
  const path = join(directory, 'pepper');
  const known = readPepper(path);
  if (known !== undefined) return known;
  const fresh = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(fresh, `${randomBytes(pepperBytes).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(fresh, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw problem(path, 'cannot be made', error);
  } finally {
    rmSync(fresh, { force: true });
  }
  const made = readPepper(path);
  if (made === undefined) throw new StartProblem(`The file ${path} was removed while the gateway started: start it again.`);
  return made;
}

function readPepper(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw problem(path, 'cannot be read', error);
  }
  if (text.length >= pepperBytes) return text;
  throw new StartProblem(`The file ${path}, under which the keys of teams are kept, is cut short: restore it from a backup.`);
}

function problem(path: string, what: string, error: unknown): StartProblem {
  const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return new StartProblem(
    `The file ${path}, under which the keys of teams are kept, ${what}${why}: make its folder writable for this user, or name a pepper in \`keyStore.pepper\`.`,
  );
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
