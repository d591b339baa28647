/** Some of the bytes, as they lie there: all of them by themselves, since a view of an array costs more than asking. */
export function partOfBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
}
