import { failure, success, type Result } from '../std/result.ts';
import { isRecord } from '../std/is-record.ts';
import type { KeyPath } from './config-problem.ts';

/** One thing that the control API changed: a part of the file by its name, with what stands there now, or its absence. */
export interface OverlayEntry {
  /** Keys from the top, each percent-encoded, joined by `/`; an item of a list by what names it: `endpoints/azure-eu/region`. */
  readonly name: string;
  /** Undefined takes the part out. */
  readonly value?: unknown;
}

/** A change at a place, by positions in lists; those before it in the same series are done already. */
export interface OverlayEdit {
  readonly entry: OverlayEntry;
  readonly path: KeyPath;
  readonly value: unknown;
}

export interface OverlayMisfit {
  readonly entry: OverlayEntry;
  /** Why it does not fit the file, without a full stop. */
  readonly what: string;
}

/** What names an item, by the list's place; `*` stands for an item above it. */
const listKeys: Readonly<Record<string, string>> = {
  endpoints: 'id',
  'endpoints/*/models': 'name',
  'endpoints/*/keys': 'name',
  teams: 'id',
  caps: 'id',
  vendors: 'id',
  controlGroups: 'name',
  chips: 'name',
  webhooks: 'id',
  'budgets/teams': 'team',
  'budgets/keys': 'key',
  'routing/sloClasses': 'name',
  'routing/sloClasses/*/degradeTo': 'model',
  'routing/models': 'model',
  'routing/teams': 'team',
  'routing/keys': 'key',
};

/** What only a new start can change. */
const fixedSections = new Set(['listen', 'control', 'processes', 'keyStore', 'engines', 'emulators', 'ledger', 'network']);

export function entryName(parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/');
}

/** Undefined for what is no name. */
export function entryParts(name: string): readonly string[] | undefined {
  try {
    const parts = name.split('/').map(decodeURIComponent);
    return parts.length <= 6 && parts.every((part) => part !== '' && part !== '__proto__') ? parts : undefined;
  } catch {
    return undefined;
  }
}

/** Why the control API may not change this part; undefined where it may. */
export function whyFixed(name: string): string | undefined {
  const [section = ''] = entryParts(name) ?? [];
  if (section === '') return 'is no name of a part of the configuration';
  return fixedSections.has(section) ? `can only be changed in the file, and by a new start` : undefined;
}

/** What stands in a file at a name; undefined where nothing does. */
export function valueAtName(file: unknown, name: string): unknown {
  let value = file;
  for (const [index, part] of (entryParts(name) ?? []).entries()) {
    const at = positionIn(value, part, keyOfList(entryParts(name) ?? [], index));
    if (at === undefined) return undefined;
    value = memberOf(value, at);
  }
  return value;
}

/** Lays entries over a file, one after another. Gives the whole and each edit, or the first entry that does not fit. */
export function overlaid(
  file: unknown,
  entries: readonly OverlayEntry[],
): Result<{ readonly value: unknown; readonly edits: readonly OverlayEdit[] }, OverlayMisfit> {
  let value: unknown = file ?? {};
  const edits: OverlayEdit[] = [];
  for (const entry of entries) {
    const parts = entryParts(entry.name);
    const laid = parts === undefined ? failure('is no name of a part of the configuration') : lay(value, parts, 0, entry.value, []);
    if (!laid.ok) return failure({ entry, what: laid.failure });
    value = laid.value.whole;
    edits.push({ entry, path: laid.value.path, value: laid.value.placed });
  }
  return success({ value, edits });
}

interface Laid {
  readonly whole: unknown;
  readonly path: KeyPath;
  /** What was put at the path. */
  readonly placed: unknown;
}

function lay(value: unknown, parts: readonly string[], index: number, given: unknown, path: KeyPath): Result<Laid, string> {
  const part = parts[index] ?? '';
  const key = keyOfList(parts, index);
  const isLast = index === parts.length - 1;
  if (value !== undefined && (key === undefined ? !isRecord(value) : !Array.isArray(value)))
    return failure(`\`${parts.slice(0, index).join('.')}\` holds something else in the file`);
  const found = positionIn(value, part, key);
  if (found === undefined && (given === undefined || (key !== undefined && !isLast)))
    return failure(
      given === undefined && isLast
        ? 'takes out what the file does not have (any more)'
        : `belongs to \`${parts.slice(0, index + 1).join('.')}\`, which the file does not have (any more)`,
    );
  if (isLast && key !== undefined && given !== undefined && !isRecord(given)) return failure('must be a section of keys');
  const at = found ?? (Array.isArray(value) ? value.length : key === undefined ? part : 0);
  // An item keeps the name by which it is found, whatever is said inside.
  const named = isLast && given !== undefined && key !== undefined && isRecord(given) ? { ...given, [key]: part } : given;
  if (isLast) return success({ whole: replaced(value, at, named), path: [...path, at], placed: named });
  const inner = lay(memberOf(value, at), parts, index + 1, given, [...path, at]);
  return inner.ok ? success({ ...inner.value, whole: replaced(value, at, inner.value.whole) }) : inner;
}

/** Which member names the items of the list in which a part stands; undefined where that is no such list. */
export function keyOfList(parts: readonly string[], index: number): string | undefined {
  const above = parts.slice(0, index);
  const pattern = above.map((part, at) => (keyOfListAbove(above, at) ? '*' : part)).join('/');
  return Object.hasOwn(listKeys, pattern) ? listKeys[pattern] : undefined;
}

function keyOfListAbove(parts: readonly string[], index: number): boolean {
  return index > 0 && keyOfList(parts, index) !== undefined;
}

export function positionIn(value: unknown, part: string, key: string | undefined): string | number | undefined {
  if (key === undefined) return isRecord(value) && Object.hasOwn(value, part) ? part : undefined;
  if (!Array.isArray(value)) return undefined;
  const at = value.findIndex((item: unknown) => isRecord(item) && item[key] === part);
  return at < 0 ? undefined : at;
}

export function memberOf(value: unknown, at: string | number): unknown {
  if (Array.isArray(value)) return typeof at === 'number' ? value[at] : undefined;
  return isRecord(value) ? value[at] : undefined;
}

/** A copy with another member; `undefined` takes it out. */
function replaced(value: unknown, at: string | number, member: unknown): unknown {
  if (typeof at === 'number') {
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    return member === undefined ? list.toSpliced(at, 1) : list.toSpliced(at, 1, member);
  }
  const { [at]: _left, ...rest } = isRecord(value) ? value : {};
  if (member === undefined) return rest;
  return isRecord(value) && Object.hasOwn(value, at) ? { ...value, [at]: member } : { ...rest, [at]: member };
}
