import { memberSpans } from './member-spans.ts';
import { spliceMembers } from './splice-json.ts';
import type { ScannedJson } from './scan-json.ts';

/** JSON text by member name; `undefined` takes a member away. */
export type Edits = Map<string, string | undefined>;

/** The values of a JSON object's members as their own bytes; undefined where it is no object. */
export function memberValues(json: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined {
  const scanned = memberSpans(json);
  return scanned === undefined ? undefined : valuesOf(json, scanned);
}

function valuesOf(json: Uint8Array, { members }: ScannedJson): ReadonlyMap<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  for (const [name, { valueStart, valueEnd }] of members) values.set(name, json.subarray(valueStart, valueEnd));
  return values;
}

/** The object with the edits that its members call for; undefined where it needs none or is no object. */
export function editObject(json: Uint8Array, edit: (members: ReadonlyMap<string, Uint8Array>) => Edits): Uint8Array | undefined {
  const scanned = memberSpans(json);
  if (scanned === undefined) return undefined;
  const edits = edit(valuesOf(json, scanned));
  return edits.size === 0 ? undefined : spliceMembers(json, scanned, edits);
}
