import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { StartProblem } from './start-problem.ts';
import { takeProcessLock, type ProcessLock } from '../ledger/process-lock.ts';

/** Users, overlay and audit log have one writer: two would break each other's chain of hashes. Held until it is released or we die. */
export function lockControl(directory: string): ProcessLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = takeProcessLock(join(directory, 'control.lock'));
  if (lock !== undefined) return lock;
  throw new StartProblem(
    `Another gateway that runs uses the control state in ${directory}. End it, or give this one a \`control.directory\` of its own (\`ledger.directory\` moves it too).`,
  );
}
