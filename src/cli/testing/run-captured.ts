import { createReadStream, readFileSync } from 'node:fs';
import { runCli } from '../run-cli.ts';
import { writeParts } from '../write-parts.ts';
import type { CliIo } from '../cli-io.ts';

export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What it wrote to files as a whole, by their paths; nothing of it reaches the disk. */
  readonly files: ReadonlyMap<string, string>;
}

export interface CapturedOptions {
  readonly env?: CliIo['env'];
  readonly isTTY?: boolean;
  readonly workingDirectory?: string;
  /** What is typed where a secret is asked for. */
  readonly secret?: string;
  /** When the command is told to stop; never by default. */
  readonly stopped?: Promise<void>;
}

/** Runs a command line in this process and gives what it wrote. */
export async function runCaptured(argv: readonly string[], options: CapturedOptions = {}): Promise<Captured> {
  const written = { stdout: '', stderr: '' };
  const files = new Map<string, string>();
  const stream = (name: keyof typeof written): CliIo['stdout'] => ({
    isTTY: options.isTTY,
    write: (text) => {
      written[name] += text;
    },
  });
  const code = await runCli(argv, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: options.env ?? {},
    workingDirectory: options.workingDirectory ?? '/no/such/folder',
    readFile: (path) => readFileSync(path, 'utf8'),
    writeFile: (path, text) => void files.set(path, text),
    readSecret: async () => options.secret ?? '',
    readParts: (path) => createReadStream(path),
    writeParts,
    stopped: async () => {
      await (options.stopped ?? new Promise<void>(() => {}));
      return 'interrupt';
    },
    onHangup: () => {},
  });
  return { code, ...written, files };
}
