/** Of every prompt that is shorter than a block: an array and its view cost more than many a hash. */
export const noHashes = new Int32Array(0);

/** About 64 tokens, by the same measure as the estimate of a prompt's size: three bytes a token. */
export const prefixBlockTokens = 64;
const blockBytes = prefixBlockTokens * 3;
/** What lies beyond 8,192 tokens changes no choice that the first of them do not, and costs 200 ns a block. */
const mostBlocks = 128;
/** Of FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
const prime = 0x01_00_01_93;
const basis = 0x81_1c_9d_c5 | 0;

/**
 * One hash for each full block of a prompt's bytes, each over all that stands before its end: the next turn of a
 * conversation begins with the same ones. `seed` keeps prompts apart that share no cache whatever they begin with.
 */
export function prefixHashes(bytes: Uint8Array, start: number, end: number, seed: number): Int32Array {
  const blocks = Math.max(0, Math.min(mostBlocks, Math.floor((end - start) / blockBytes)));
  if (blocks === 0) return noHashes;
  const hashes = new Int32Array(blocks);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hash = seed;
  let at = start;
  for (let block = 0; block < blocks; block += 1) {
    hash = hashedWords(view, at, at + blockBytes, hash);
    at += blockBytes;
    hashes[block] = hash;
  }
  return hashes;
}

/** Four bytes a step, whose order counts: enough to tell prompts apart, and no protection against somebody who wants a collision. */
export function hashed(bytes: Uint8Array, start: number, end: number, seed = basis): number {
  const wholeEnd = end - ((end - start) % 4);
  let hash = hashedWords(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), start, wholeEnd, seed);
  for (let at = wholeEnd; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), prime);
  return hash;
}

function hashedWords(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), prime);
    hash ^= hash >>> 15;
  }
  return hash;
}

export function hashedText(text: string, seed = basis): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), prime);
  return hash;
}
