import { joinBytes } from './json-items.ts';
import type { MemberSpan, ScannedJson } from './scan-json.ts';

const encoder = new TextEncoder();

/**
 * The same JSON object with some top-level members changed: a name with JSON text gets it as its value (added at
 * the end where it was missing), a name with `undefined` is removed. Every other byte stays as it came, since
 * parsing and writing again would change numbers, escapes and duplicate keys (fault 75). Where a name stood more
 * than once, each place is changed. `scanned` belongs to `bytes`; a text that is not an object comes back as it came.
 */
export function spliceMembers(bytes: Uint8Array, scanned: ScannedJson, edits: ReadonlyMap<string, string | undefined>): Uint8Array {
  if (scanned.kind !== 'object' || edits.size === 0) return bytes;
  const members = membersInOrder(scanned);
  const pieces: Uint8Array[] = [];
  let kept = 0;
  let previousEnd = bytes.indexOf(0x7b) + 1;
  for (const [index, { name, keyStart, valueStart, valueEnd }] of members.entries()) {
    // What stands before a key is the opening brace or the comma; each comma lives and dies with the key after it.
    const before = bytes.subarray(index === 0 ? 0 : previousEnd, keyStart);
    previousEnd = valueEnd;
    const removed = edits.has(name) && edits.get(name) === undefined;
    if (index === 0) pieces.push(before);
    if (removed) continue;
    if (index > 0 && kept > 0) pieces.push(before);
    const value = edits.get(name);
    if (value === undefined) pieces.push(bytes.subarray(keyStart, valueEnd));
    else pieces.push(bytes.subarray(keyStart, valueStart), encoder.encode(value));
    kept += 1;
  }
  if (members.length === 0) pieces.push(bytes.subarray(0, previousEnd));
  for (const [name, value] of edits) {
    if (value === undefined || scanned.members.has(name)) continue;
    pieces.push(encoder.encode(`${kept > 0 ? ',' : ''}${JSON.stringify(name)}:${value}`));
    kept += 1;
  }
  pieces.push(bytes.subarray(previousEnd));
  return joinBytes(pieces);
}

function membersInOrder(scanned: ScannedJson): readonly (MemberSpan & { readonly name: string })[] {
  const members = Array.from(scanned.members, ([name, span]) => ({ ...span, name }));
  return [...members, ...scanned.shadowed].toSorted((left, right) => left.keyStart - right.keyStart);
}
