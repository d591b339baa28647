export interface BadConfigSample {
  readonly name: string;
  readonly text: string;
  /** The lines that `formatConfigProblem` gives, in order. */
  readonly lines: readonly string[];
}
