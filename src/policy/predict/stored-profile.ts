/** What was learned of a deployment, to be kept over restarts. The version says how to read it. */
export interface StoredProfile {
  readonly version: 1;
  readonly deploymentId: string;
  /** Answers that it was learned from. */
  readonly answers: number;
  readonly firstTokenMs: number;
  readonly perPromptTokenMs: number;
  readonly stepMs: number;
  readonly perSequenceMs: number;
  readonly perKvTokenMs: number;
  /** What each prompt token computed beside it adds to an answer's time. */
  readonly besideMs: number;
  readonly kvTokens: number | undefined;
}
