/** Where the figures came from that stand in for a deployment until its own traffic is known. */
export type PriorOrigin = 'stored profile' | 'published' | 'roofline' | 'none';

/** What is believed of a deployment's speed before it has answered anything. What is not known is undefined, never 0. */
export interface Prior {
  readonly from: PriorOrigin;
  /** Until the first token of a prompt of no length on an idle engine. */
  readonly firstTokenMs?: number | undefined;
  /** What each prompt token that is computed adds to the time to the first token. */
  readonly perPromptTokenMs?: number | undefined;
  /** A decode step of no sequences and no keys and values. */
  readonly stepMs?: number | undefined;
  /** What each sequence in the batch adds to a step. */
  readonly perSequenceMs?: number | undefined;
  /** What each token whose keys and values are read adds to a step. */
  readonly perKvTokenMs?: number | undefined;
  /** Tokens whose keys and values its memory holds. */
  readonly kvTokens?: number | undefined;
}

export const noPrior: Prior = { from: 'none' };
