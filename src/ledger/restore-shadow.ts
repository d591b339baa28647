import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { journalFileName } from './journal-file.ts';
import { shadowHeaderBytes, shadowPath } from './journal-shadow.ts';

const header = /^(\d{8}) (\d{16})\n/;

/**
 * Brings what a dead process left in memory to where it belongs in its journals on the disk. Done twice it does the
 * same: the bytes are those that the process itself would have written there.
 */
export function restoreShadow(shadowDirectory: string, directory: string, processId: string): void {
  for (const slot of [0, 1] as const) {
    const path = shadowPath(shadowDirectory, processId, slot);
    if (!existsSync(path)) continue;
    const shadow = readFileSync(path);
    const [, sequence, position] = header.exec(shadow.toString('latin1', 0, shadowHeaderBytes)) ?? [];
    if (sequence !== undefined)
      writeInto(join(directory, journalFileName(processId, Number(sequence))), shadow.subarray(shadowHeaderBytes), Number(position));
    rmSync(path);
  }
}

function writeInto(path: string, bytes: Buffer, position: number): void {
  if (position > 0 && !existsSync(path)) return;
  const file = openSync(path, existsSync(path) ? 'r+' : 'w', 0o600);
  try {
    // A journal that is shorter lost what stood before, and with it the place where these bytes make sense.
    if (fstatSync(file).size < position) return;
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, position + at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
