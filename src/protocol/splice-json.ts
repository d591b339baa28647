import { appendMembers } from './append-members.ts';
import { bytesOf } from '../std/byte-slab.ts';
import { joinBytes } from './json-items.ts';
import type { MemberSpan, ScannedJson } from './scan-json.ts';

/**
 * The same JSON object with some top-level members changed: a name with JSON text gets it as its value (added at
 * the end where it was missing), a name with `undefined` is removed. Every other byte stays as it came, since
 * parsing and writing again would change numbers, escapes and duplicate keys (fault 75). Where a name stood more
 * than once, each place is changed. `scanned` belongs to `bytes`; a text that is not an object comes back as it came.
 */
export function spliceMembers(bytes: Uint8Array, scanned: ScannedJson, edits: ReadonlyMap<string, string | undefined>): Uint8Array {
  if (scanned.kind !== 'object' || edits.size === 0) return bytes;
  if (addsOnly(scanned, edits)) return appendMembers(bytes, edits);
  const members = membersInOrder(scanned);
  const splice = new Splice(bytes);
  let kept = 0;
  let previousEnd = bytes.indexOf(0x7b) + 1;
  for (const [index, { name, keyStart, valueStart, valueEnd }] of members.entries()) {
    // What stands before a key is the opening brace or the comma; each comma lives and dies with the key after it.
    const beforeStart = index === 0 ? 0 : previousEnd;
    previousEnd = valueEnd;
    const value = edits.get(name);
    const removed = value === undefined && edits.has(name);
    if (index === 0 || (kept > 0 && !removed)) splice.keep(beforeStart, keyStart);
    if (removed) continue;
    splice.keep(keyStart, value === undefined ? valueEnd : valueStart);
    if (value !== undefined) splice.add(value);
    kept += 1;
  }
  if (members.length === 0) splice.keep(0, previousEnd);
  for (const [name, value] of edits) {
    if (value === undefined || scanned.members.has(name)) continue;
    splice.add(`${kept > 0 ? ',' : ''}${JSON.stringify(name)}:${value}`);
    kept += 1;
  }
  splice.keep(previousEnd, bytes.length);
  return splice.joined();
}

/** Whether nothing that stands there changes, as in most requests and answers. */
function addsOnly({ members }: ScannedJson, edits: ReadonlyMap<string, string | undefined>): boolean {
  if (members.size === 0) return false;
  for (const [name, value] of edits) if (value === undefined || members.has(name)) return false;
  return true;
}

/** Parts of a text and what is put between them; neighbouring parts are one, so that little is copied bit by bit. */
class Splice {
  readonly #bytes: Uint8Array;
  readonly #pieces: Uint8Array[] = [];
  #from = 0;
  #to = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  keep(from: number, to: number): void {
    if (from !== this.#to) {
      this.#cut();
      this.#from = from;
    }
    this.#to = to;
  }

  add(text: string): void {
    this.#cut();
    this.#from = this.#to;
    this.#pieces.push(bytesOf(text));
  }

  joined(): Uint8Array {
    this.#cut();
    return joinBytes(this.#pieces);
  }

  #cut(): void {
    if (this.#to > this.#from) this.#pieces.push(this.#bytes.subarray(this.#from, this.#to));
  }
}

function membersInOrder(scanned: ScannedJson): readonly (MemberSpan & { readonly name: string })[] {
  const members: (MemberSpan & { readonly name: string })[] = [];
  for (const [name, { keyStart, valueStart, valueEnd }] of scanned.members) members.push({ name, keyStart, valueStart, valueEnd });
  // A scan meets the members in their order; only a name that stood twice is out of it.
  if (scanned.shadowed.length === 0) return members;
  return [...members, ...scanned.shadowed].toSorted((left, right) => left.keyStart - right.keyStart);
}
