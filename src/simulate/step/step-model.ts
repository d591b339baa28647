/** The work of one step, as the engine hands it out. */
export interface StepWork {
  prefillTokens: number;
  /** Pairs of tokens that prefill attends over: each new token with all before it. */
  prefillPairs: number;
  /** Tokens computed earlier that the prefilled ones read. */
  prefillContextTokens: number;
  decodeSequences: number;
  /** Tokens whose keys and values the decoding sequences read, summed over them. */
  residentKvTokens: number;
}

/** A stretch over which a decode step's time is linear in the resident tokens: `baseMs + perKvTokenMs · tokens`. */
export interface DecodeLine {
  baseMs: number;
  perKvTokenMs: number;
  /** The line holds below so many resident tokens. */
  untilKvTokens: number;
}

/**
 * A plane that lies under every step's time. Sums of steps obey it too, which is what the fluid bound needs:
 * time ≥ perStepMs + perPrefillTokenMs · prefillTokens + … for each step.
 */
export interface StepFloor {
  readonly perStepMs: number;
  readonly perPrefillTokenMs: number;
  readonly perPrefillPairMs: number;
  readonly perDecodeTokenMs: number;
  readonly perKvTokenMs: number;
}

/** How long a step takes: the only thing that the batching engine does not know by itself. */
export interface StepModel {
  /** A step that prefills, with or without decoding sequences beside it. */
  readonly stepMs: (work: StepWork) => number;
  /** Writes into `line` how pure decode steps of so many sequences go on from so many resident tokens. */
  readonly decodeLine: (sequences: number, residentKvTokens: number, line: DecodeLine) => void;
  readonly floors: readonly StepFloor[];
}
