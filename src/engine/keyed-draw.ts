/**
 * The random number that picks the token at absolute sequence position `position` under `seed`: a pure hash of
 * both, so that an answer continued on another engine draws what it would have drawn here. The native sampler is
 * seeded with it afresh for each token.
 */
export function keyedDraw(seed: number, position: number): number {
  const low = seed >>> 0;
  const high = Math.floor(seed / 4_294_967_296) >>> 0;
  let state = mix(low ^ 0x9e3779b9);
  state = mix(state ^ high);
  state = mix(state ^ (position >>> 0) ^ 0x85ebca6b);
  // llama.cpp reads 0xFFFFFFFF as "take a random seed", which would break the promise.
  return state === 0xffff_ffff ? 0xffff_fffe : state;
}

/** The finaliser of MurmurHash3: each input bit flips each output bit with a chance near one half. */
function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A seed for a request that named none; 2^53 − 1 is the largest that survives JSON in every client. */
export function drawSeed(random: () => number): number {
  return Math.floor(random() * 9_007_199_254_740_991);
}
