import { lstatSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What `statfs` says of a file system that is memory (linux/magic.h: TMPFS_MAGIC). */
const tmpfsType = 0x01021994;

/**
 * The folder in memory for the shadows of a ledger's journals, the same for every process that uses this ledger
 * directory; undefined where there is no such memory, or somebody else made the folder first.
 */
export function shadowDirectory(memory: string, ledgerDirectory: string): string | undefined {
  try {
    if (statfsSync(memory).type !== tmpfsType) return undefined;
    const { dev, ino } = statSync(ledgerDirectory);
    const own = ownFolder(join(memory, `second-source-${process.getuid?.() ?? 0}`));
    return own === undefined ? undefined : ownFolder(join(own, `${dev}-${ino}`));
  } catch {
    // Without it the ledger is slower and as safe.
    return undefined;
  }
}

/** Memory that everybody may write to is no place for a folder that another user made. */
function ownFolder(path: string): string | undefined {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0 ? path : undefined;
}
