import { canonicalJson } from '../../std/canonical-json.ts';
import { failure, success, type Result } from '../../std/result.ts';
import { hash } from 'node:crypto';
import { overlaid, valueAtName } from '../../config/overlay-entries.ts';
import type { StoredEntry } from './overlay-file.ts';

/** A wish: another value at a name, or, without one, its absence. */
export interface OverlayChange {
  readonly name: string;
  readonly value?: StoredEntry['value'];
}

/** Stands for what is at a name, so that it is known later whether that changed. */
export function baseOf(value: unknown): string | null {
  return value === undefined ? null : hash('sha256', canonicalJson(value), 'hex').slice(0, 32);
}

/** Whether an entry stands at a name or within what stands there. */
export function isWithin(entry: { readonly name: string }, name: string): boolean {
  return entry.name === name || entry.name.startsWith(`${name}/`);
}

/**
 * The overlay with one more change. It stays as small as it can: what a change covers goes, and a value that the file
 * has anyway needs no entry. Fails with why where there is nothing to take out, or nothing to put it into.
 */
export function withChange(
  given: unknown,
  entries: readonly StoredEntry[],
  change: OverlayChange,
  who: Pick<StoredEntry, 'atWallMs' | 'by'>,
): Result<readonly StoredEntry[], string> {
  const { name, value } = change;
  const rest = entries.filter((entry) => !isWithin(entry, name));
  const before = overlaid(given, rest);
  if (!before.ok) return failure(before.failure.what);
  const standing = valueAtName(before.value.value, name);
  if (value === undefined && standing === undefined) return rest.length < entries.length ? success(rest) : failure('is not there');
  if (value !== undefined && standing !== undefined && canonicalJson(standing) === canonicalJson(value)) return success(rest);
  const entry = { name, ...(value === undefined ? {} : { value }), base: baseOf(valueAtName(given, name)), ...who };
  const after = overlaid(given, [...rest, entry]);
  return after.ok ? success([...rest, entry]) : failure(after.failure.what);
}
