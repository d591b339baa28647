import { entryParts, keyOfList, memberOf, positionIn, type OverlayEntry, type OverlayMisfit } from './overlay-entries.ts';
import { isRecord } from '../std/is-record.ts';
import type { ConfigProblem, KeyPath } from './config-problem.ts';

type Origin = { readonly kind: 'overlay'; readonly entry: OverlayEntry } | { readonly kind: 'given'; readonly path: KeyPath };

/** Where a value of the whole comes from: what the control API changed, or a place in what was given before. */
export function originOf(path: KeyPath, given: unknown, whole: unknown, changed: readonly OverlayEntry[]): Origin {
  if (changed.length === 0) return { kind: 'given', path };
  const names = namesAlong(path, whole);
  const entry = changed.findLast(({ name }) => {
    const parts = entryParts(name) ?? [];
    return parts.length <= names.length && parts.every((part, index) => part === names[index]);
  });
  if (entry !== undefined) return { kind: 'overlay', entry };
  const before: (string | number)[] = [];
  let value = given;
  for (const [index, part] of path.entries()) {
    const name = names[index] ?? String(part);
    const key = keyOfList(names, index);
    const at = key === undefined ? part : (positionIn(value, name, key) ?? part);
    before.push(at);
    value = memberOf(value, at);
  }
  return { kind: 'given', path: before };
}

/** The names of the keys on the way: of an item in a list of named ones, its own. */
function namesAlong(path: KeyPath, whole: unknown): readonly string[] {
  const names: string[] = [];
  let value = whole;
  for (const part of path) {
    const inner = memberOf(value, part);
    const key = keyOfList(names, names.length);
    const own = key !== undefined && isRecord(inner) ? inner[key] : undefined;
    names.push(typeof own === 'string' ? own : String(part));
    value = inner;
  }
  return names;
}

export function overlaySource({ name }: OverlayEntry): string {
  return `overlay entry ${name} (\`second-source config reset ${name}\` drops it)`;
}

/** What is said where an entry no longer fits the file. Nothing is lost: the entry stays until somebody drops it. */
export function misfitProblem({ entry, what }: OverlayMisfit): ConfigProblem {
  return {
    source: `overlay entry ${entry.name}`,
    position: undefined,
    path: [],
    what,
    fix: `Put it back into the file, or drop the entry with \`second-source config reset ${entry.name}\` (with \`--offline\` while no gateway runs).`,
  };
}
