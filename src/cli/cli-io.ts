export interface CliStream {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
}

/** What a command may touch of the outside, besides the network. */
export interface CliIo {
  /** Data, for other programs. */
  readonly stdout: CliStream;
  /** Messages, for people. */
  readonly stderr: CliStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Gives a file's text, or throws. */
  readonly readFile: (path: string) => string;
  /** Writes a file anew, or throws. */
  readonly writeFile: (path: string, text: string) => void;
  /** Asks for a secret: on a terminal without showing it, else as the next line of standard input. */
  readonly readSecret: (prompt: string) => Promise<string>;
  /** Gives a file's bytes part by part, or throws. */
  readonly readParts: (path: string) => AsyncIterable<Uint8Array>;
  /**
   * Writes a new file from what comes, for this user only, and under its name only once it is whole. Rejects where there
   * is one of that name. Resolves to its length.
   */
  readonly writeParts: (path: string, parts: AsyncIterable<unknown>) => Promise<number>;
  /** Resolves when the process shall end. Only whoever calls it takes the signals over. */
  readonly stopped: () => Promise<'interrupt' | 'terminate'>;
  /** Calls `run` whenever the process shall read its files again. Only whoever calls it takes the signal over. */
  readonly onHangup: (run: () => void) => void;
}

/** Writes a line for a person. */
export function say(io: CliIo, message: string): void {
  io.stderr.write(`${message}\n`);
}

/** Writes one JSON value for a program. */
export function writeJson(io: CliIo, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
