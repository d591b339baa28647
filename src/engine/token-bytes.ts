/** How a vocabulary writes its tokens' bytes. */
export type TokenAlphabet = 'byte-level' | 'sentencepiece' | 'plain';

/** GPT-2's byte-level alphabet maps each byte to one printable character; this is the way back. */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const map = new Map<string, number>();
  const printable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  for (let byte = 0; byte < 256; byte++) map.set(String.fromCodePoint(printable(byte) ? byte : next++), byte);
  return map;
})();

const encoder = new TextEncoder();

/**
 * The bytes that a token stands for, from its text in the vocabulary. They are needed one token at a time, because
 * a token may end in the middle of a character, which no string can express.
 */
export function tokenBytes(text: string, alphabet: TokenAlphabet): Uint8Array {
  if (alphabet === 'byte-level') return byteLevelBytes(text);
  if (alphabet === 'plain') return encoder.encode(text);
  const byte = /^<0x([0-9A-Fa-f]{2})>$/u.exec(text)?.[1];
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  return encoder.encode(text.replaceAll('▁', ' '));
}

function byteLevelBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = byteOfCharacter.get(character);
    // A character outside the alphabet means an added token that is written as itself.
    if (byte === undefined) return encoder.encode(text);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** How many bytes at the end are the beginning of a character that further bytes could still complete. */
export function incompleteTail(bytes: Uint8Array, end: number = bytes.length): number {
  for (let back = 1; back <= 3 && back <= end; back++) {
    const lead = bytes[end - back] ?? 0;
    if (lead >= 0x80 && lead <= 0xbf) continue;
    const needed = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 1;
    if (needed <= back) return 0;
    return back === 1 || allowedSecond(lead, bytes[end - back + 1] ?? 0) ? back : 0;
  }
  return 0;
}

/** UTF-8 narrows the second byte after some leads (no overlong forms, no surrogates, nothing past U+10FFFF). */
function allowedSecond(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90;
  if (lead === 0xf4) return second <= 0x8f;
  return true;
}
