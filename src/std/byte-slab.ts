/** Many small arrays are views of one large one: an array of its own costs the system's allocator and the collector more than its bytes. */
const slabBytes = 32_768;
const largestView = 8192;
const encoder = new TextEncoder();

let slab = new Uint8Array(slabBytes);
let used = 0;

/** Zeroed bytes that belong to the caller alone. */
export function newBytes(length: number): Uint8Array {
  if (length > largestView) return new Uint8Array(length);
  if (used + length > slabBytes) {
    slab = new Uint8Array(slabBytes);
    used = 0;
  }
  const bytes = slab.subarray(used, used + length);
  used += length;
  return bytes;
}

/** Some of the bytes, in memory of their own. */
export function copyOfBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = newBytes(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

/** UTF-8 of a text. */
export function bytesOf(text: string): Uint8Array {
  // A UTF-16 unit takes at most three bytes.
  const most = text.length * 3;
  if (most > largestView) return encoder.encode(text);
  if (used + most > slabBytes) {
    slab = new Uint8Array(slabBytes);
    used = 0;
  }
  const { written } = encoder.encodeInto(text, slab.subarray(used, used + most));
  const bytes = slab.subarray(used, used + written);
  used += written;
  return bytes;
}
