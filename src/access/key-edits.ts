import { failure, success, type Result } from '../std/result.ts';
import { longestOverlapMs, mostKeys, type KeyVersion, type StoredKey } from './stored-key.ts';
import { stateOf } from './key-view.ts';
import type { Edited, KeyProblem } from './key-store.ts';

type EditedKey = Result<Edited<StoredKey>, KeyProblem>;

/** Puts a new key beside the others; where there is no room left, the longest revoked one makes it. */
export function withKey(keys: readonly StoredKey[], key: StoredKey): EditedKey {
  if (keys.some(({ id }) => id === key.id)) return refused('bad-value', `The id ${key.id} was drawn a second time: try again.`);
  if (keys.length < mostKeys) return success({ keys: [...keys, key], answer: key });
  const [oldest] = keys.filter(isRevoked).toSorted((a, b) => Number(a.revokedAtWallMs) - Number(b.revokedAtWallMs));
  if (oldest === undefined) return refused('too-many', `There are ${mostKeys} keys, and none of them is revoked: revoke those that are not used.`);
  return success({ keys: [...keys.filter((one) => one !== oldest), key], answer: key });
}

/**
 * Gives a key a new secret; the one before is valid for `overlapMs` more, so that clients can change over with no failed
 * request. One that was replaced before and still runs out is not cut short unless `overlapMs` is 0, which ends all.
 */
export function withRotation(keys: readonly StoredKey[], id: string, version: KeyVersion, overlapMs: number): EditedKey {
  if (!Number.isInteger(overlapMs) || overlapMs < 0 || overlapMs > longestOverlapMs)
    return refused('bad-value', 'The overlap of two versions of a key is at most 7 days.');
  const nowWallMs = version.createdAtWallMs;
  return changed(keys, id, (key) => {
    const state = stateOf(key, nowWallMs);
    if (state !== 'valid') return refused('not-valid', `The key ${id} is ${state}: create a new one.`);
    const [newest, before] = key.versions;
    if (overlapMs > 0 && before?.endsAtWallMs != null && before.endsAtWallMs > nowWallMs)
      return refused(
        'rotation-runs',
        `A version of the key ${id} that was replaced before is valid still: wait for its end, or rotate without overlap.`,
      );
    const kept = newest === undefined || overlapMs === 0 ? [] : [{ ...newest, endsAtWallMs: nowWallMs + overlapMs }];
    return success({ ...key, versions: [version, ...kept] });
  });
}

/** Ends a key for good. What is revoked already stays as it is. */
export function withRevocation(keys: readonly StoredKey[], id: string, nowWallMs: number): EditedKey {
  return changed(keys, id, (key) => success(isRevoked(key) ? key : { ...key, revokedAtWallMs: nowWallMs }));
}

function changed(keys: readonly StoredKey[], id: string, change: (key: StoredKey) => Result<StoredKey, KeyProblem>): EditedKey {
  const key = keys.find((one) => one.id === id);
  if (key === undefined) return refused('unknown-key', `There is no key with the id ${id.slice(0, 64)}.`);
  const next = change(key);
  return next.ok ? success({ keys: keys.map((one) => (one === key ? next.value : one)), answer: next.value }) : next;
}

function isRevoked({ revokedAtWallMs }: StoredKey): boolean {
  return revokedAtWallMs !== null;
}

function refused(kind: KeyProblem['kind'], message: string): { readonly ok: false; readonly failure: KeyProblem } {
  return failure({ kind, message });
}
