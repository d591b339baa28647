import type { ModelShape } from '../step-time/model-shape.ts';

/**
 * A figure with where it comes from. `published`: a vendor or a public table says so (`status` tells how firmly).
 * `assumed`: chosen by us, plausible and no more. No figure of a profile was ever measured on the chip.
 */
export interface Sourced {
  readonly value: number;
  readonly unit: string;
  readonly evidence: 'published' | 'assumed';
  readonly source: string;
  /** As the source gives it: a day, a month, or `undated`. */
  readonly sourceDate: string;
  /** `claimed` for a vendor's own figure that nobody checked, and the like. */
  readonly status: string;
}

/** The pace follows from the chip's rooflines and a model's shape. */
export interface RooflinePace {
  readonly kind: 'roofline';
  readonly memoryBandwidthTbPerS: Sourced;
  readonly denseTflops: Sourced;
  readonly memoryGb: Sourced;
  /** How many chips hold the model together. */
  readonly chips: number;
  readonly fitFactor: Sourced;
  readonly stepOverheadMs: Sourced;
  readonly networkMs: Sourced;
}

/** The pace is a speed that a request gets, for chips whose pipelines no roofline of one chip describes. */
export interface PerRequestPace {
  readonly kind: 'per-request';
  readonly outputTokensPerS: Sourced;
  readonly promptTokensPerS: Sourced;
  /** The part of the time to first token that does not depend on the prompt. */
  readonly firstTokenFloorMs: Sourced;
  /** Up to so many sequences each gets the full speed; beyond, they share it. */
  readonly fullSpeedSequences: Sourced;
}

export type Pace = RooflinePace | PerRequestPace;

export interface EmulatorLimits {
  /** Requests that are answered at once. */
  readonly maxConcurrent: number;
  /** Requests that may wait for a place; the next one gets a 429. */
  readonly maxWaiting: number;
  /** What the 429 asks the client to wait, in whole seconds. */
  readonly retryAfterS: number;
}

/** What an emulator behaves like. */
export interface EmulatorProfile {
  /** Also the value of the response header `x-second-source-emulated`. */
  readonly id: string;
  readonly vendor: string;
  readonly chip: string;
  /** The model whose speed is emulated, in words: the tokens themselves come from the wrapped engine. */
  readonly modelName: string;
  readonly model: ModelShape;
  readonly pace: Pace;
  readonly limits: EmulatorLimits;
  /** Each request's times vary by up to this part, up or down. */
  readonly jitterFraction: Sourced;
  readonly note: string;
}
