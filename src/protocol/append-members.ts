import { bytesOf, newBytes } from '../std/byte-slab.ts';

const CLOSE_OBJECT = 0x7d;
/** The highest of the bytes that are space between tokens; none of the others is anywhere but in a string. */
const SPACE = 0x20;

/** A JSON object that has members, with more after its last one; none of these names may stand in it. `undefined` adds nothing. */
export function appendMembers(object: Uint8Array, added: Iterable<readonly [string, string | undefined]>): Uint8Array {
  let end = object.length;
  while (end > 0 && object[end] !== CLOSE_OBJECT) end -= 1;
  // Behind the last value, so that the space before the brace stays there.
  while ((object[end - 1] ?? CLOSE_OBJECT) <= SPACE) end -= 1;
  let text = '';
  for (const [name, value] of added) if (value !== undefined) text += `,${JSON.stringify(name)}:${value}`;
  const inserted = bytesOf(text);
  const joined = newBytes(object.length + inserted.length);
  // What stands behind is a few bytes, which are less work than a view of them.
  joined.set(object);
  joined.set(inserted, end);
  for (let at = end; at < object.length; at++) joined[at + inserted.length] = object[at] ?? 0;
  return joined;
}
