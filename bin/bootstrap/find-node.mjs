import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.mjs';

/** The Node to run on: this one if it is new enough, else the pinned binary that npm brought along. */
export function findNode(root) {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= 24) return process.execPath;
  const pinned = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  throw new StartError(
    `this machine has Node ${process.versions.node}, and no Node 24 binary comes with the packages for ${process.platform}-${process.arch}; install Node 24 or newer and run the command again.`,
  );
}
