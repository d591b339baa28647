import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';
import { failure, success, type Result } from '../../std/result.ts';
import { isErrno } from '../../std/is-errno.ts';

const secretBytes = 32;

/** Why a secret cannot be had; `error` is what the file system said. */
export type OwnSecretFailure =
  | { readonly kind: 'unmade' | 'unreadable'; readonly error: unknown }
  /** Shorter than any that was ever made: nothing must be derived from what is left. */
  | { readonly kind: 'cut-short' | 'removed' };

/**
 * A secret that the gateway keeps for itself in a file, readable for this user alone, which the first start makes. Where
 * several begin at once, one of them makes it: a link, unlike a write, puts the whole file there or fails.
 */
export function ownSecret(path: string): Result<string, OwnSecretFailure> {
  const known = readSecret(path);
  if (!known.ok) return known;
  if (known.value !== undefined) return success(known.value);
  const fresh = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, `${randomBytes(secretBytes).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(fresh, path);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) return failure({ kind: 'unmade', error });
  } finally {
    rmSync(fresh, { force: true });
  }
  const made = readSecret(path);
  if (!made.ok) return made;
  return made.value === undefined ? failure({ kind: 'removed' }) : success(made.value);
}

/** Undefined where there is none yet. */
function readSecret(path: string): Result<string | undefined, OwnSecretFailure> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    return isErrno(error, 'ENOENT') ? success(undefined) : failure({ kind: 'unreadable', error });
  }
  return text.length >= secretBytes ? success(text) : failure({ kind: 'cut-short' });
}
