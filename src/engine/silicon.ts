/** Which chip computes the tokens, read from the machine that runs the engine. */
export interface Silicon {
  /** `amd`, `intel`, `nvidia`, `apple`, `arm`, … or `unknown`. */
  readonly vendor: string;
  readonly chip: string;
  /** `cpu`, `vulkan`, `cuda` or `metal`. */
  readonly backend: string;
  readonly evidence: 'measured';
  readonly driver?: string;
  readonly threads: number;
  readonly engineBuild: string;
}
