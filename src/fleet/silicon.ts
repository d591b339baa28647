/**
 * How we know which chip computes an endpoint's tokens, from best to worst (DESIGN §2). `emulated` stands apart:
 * such tokens come from an emulator that behaves like the named chip, and never count as that vendor's.
 */
export type SiliconEvidence = 'measured' | 'attested' | 'declared' | 'inferred' | 'unknown' | 'emulated';

export interface Silicon {
  /** The company whose silicon computes the tokens, in lower case: `nvidia`, `amd`, `groq`, …, or `unknown`. */
  readonly vendor: string;
  /** The chip's name as its vendor or the machine spells it, or `unknown`. */
  readonly chip: string;
  readonly evidence: SiliconEvidence;
}

export const unknownSilicon: Silicon = { vendor: 'unknown', chip: 'unknown', evidence: 'unknown' };
