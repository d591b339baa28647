import { readSecret } from './read-secret.ts';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { writeParts } from './write-parts.ts';
import type { CliIo } from './cli-io.ts';

/** The outside as this process has it. */
export function processIo(): CliIo {
  // Whoever reads our output may stop reading (`| head`): that is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    workingDirectory: process.cwd(),
    readFile: (path) => readFileSync(path, 'utf8'),
    writeFile: (path, text) => writeFileSync(path, text),
    readSecret,
    readParts: (path) => createReadStream(path),
    writeParts,
    stopped: () =>
      new Promise((resolve) => {
        process.once('SIGINT', () => resolve('interrupt'));
        process.once('SIGTERM', () => resolve('terminate'));
      }),
    onHangup: (run) => void process.on('SIGHUP', run),
  };
}
