/** What is known of a silicon model. A figure that nobody publishes is absent, never 0. */
export interface ChipFacts {
  readonly name: string;
  readonly vendor: string;
  readonly memoryGb?: number | undefined;
  readonly memoryTbPerSecond?: number | undefined;
  /** Dense, in 10¹² operations a second; so are the next two. */
  readonly bf16Tflops?: number | undefined;
  readonly fp8Tflops?: number | undefined;
  readonly fp4Tflops?: number | undefined;
  readonly tdpWatts?: number | undefined;
  /** Where the figures come from, and of when they are. */
  readonly source: string;
  readonly sourceDate: string;
  /** How far they can be trusted: `claimed` by the vendor, `calculated`, `measured`, `declared` by the operator. */
  readonly status: string;
  readonly note?: string | undefined;
}
