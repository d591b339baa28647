/** Randomness as an argument: uniform in [0, 1), like `Math.random` but seedable. */
export type Random = () => number;

/**
 * A seeded generator for tests, simulations and fuzzing (mulberry32, 32 bits of state: good enough to vary
 * inputs and quick to replay, never for secrets).
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
