import type { AddonGrammar } from './native-bindings.ts';

/** How a request wants its tokens picked, defaults filled in. */
export interface Sampling {
  /** 0 takes the most likely token. */
  readonly temperature: number;
  readonly topP: number;
  /** 0 keeps every token. */
  readonly topK: number;
  readonly minP: number;
  readonly seed: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly bias: readonly (readonly [token: number, bias: number])[];
  /** How many alternatives to report with each token; `undefined` reports no log probabilities at all. */
  readonly topLogprobs: number | undefined;
  readonly grammar: AddonGrammar | undefined;
}
