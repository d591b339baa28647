/** Longer texts are decoded by the platform; up to here, character by character is faster than the call. */
const shortBytes = 32;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of UTF-8 bytes, quickly where they are few and ASCII, as names are. */
export function textOfBytes(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > shortBytes) return decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7e) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}
