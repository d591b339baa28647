/** What reading a configuration needs from outside. */
export interface ConfigSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gives a file's text, or throws. */
  readonly readFile: (path: string) => string;
  /** Makes a path of the file absolute: relative ones start from the file's own folder. */
  readonly resolvePath: (path: string) => string;
  /** The chips that can be emulated. */
  readonly profileNames: readonly string[];
}
