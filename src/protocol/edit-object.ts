import { lenientScan, scanJson, type ScannedJson } from './scan-json.ts';
import { spliceMembers } from './splice-json.ts';

/** JSON text by member name; `undefined` takes a member away. */
export type Edits = Map<string, string | undefined>;

/** The values of a JSON object's members as their own bytes; undefined where it is no object that can be scanned. */
export function memberValues(json: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined {
  const scanned = scanJson(json, lenientScan);
  return scanned.ok && scanned.value.kind === 'object' ? valuesOf(json, scanned.value) : undefined;
}

function valuesOf(json: Uint8Array, { members }: ScannedJson): ReadonlyMap<string, Uint8Array> {
  return new Map(Array.from(members, ([name, { valueStart, valueEnd }]) => [name, json.subarray(valueStart, valueEnd)]));
}

/** The object with the edits that its members call for; undefined where it needs none or cannot be scanned. */
export function editObject(json: Uint8Array, edit: (members: ReadonlyMap<string, Uint8Array>) => Edits): Uint8Array | undefined {
  const scanned = scanJson(json, lenientScan);
  if (!scanned.ok) return undefined;
  const edits = edit(valuesOf(json, scanned.value));
  return edits.size === 0 ? undefined : spliceMembers(json, scanned.value, edits);
}
