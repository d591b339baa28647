import { closeSync, ftruncateSync, mkdirSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Where bytes belong: in which file of the journal, and how far behind its beginning. */
export interface Place {
  readonly sequence: number;
  readonly bytes: number;
}

/** What a journal needs of the memory that keeps its newest bytes until the disk has them. */
export interface JournalShadow {
  /** Keeps bytes that follow what it was given before, or begin a file of the journal. False where it has no room. */
  readonly hold: (bytes: Buffer, place: Place) => boolean;
  /** The disk has all before this place. */
  readonly release: (place: Place) => void;
  /** Forgets all: the disk has everything. */
  readonly close: () => void;
}

interface Slot {
  readonly fd: number;
  readonly path: string;
  start: Place;
  lengthBytes: number;
}

/** From this size on the other file takes over, as soon as the disk has all that it held. */
const turnBytes = 262_144;
const mostBytes = 8 * 1_048_576;
export const shadowHeaderBytes = 26;

export function shadowPath(directory: string, processId: string, slot: 0 | 1): string {
  return join(directory, `shadow-${processId}-${slot}`);
}

function header({ sequence, bytes }: Place): string {
  return `${String(sequence).padStart(8, '0')} ${String(bytes).padStart(16, '0')}\n`;
}

/**
 * A shadow in two files of a file system that is memory: a write to it is a copy, waits for no disk, and outlives the
 * process however that dies. The two take turns, so that one can be emptied while the other is written.
 */
export function openJournalShadow(directory: string, processId: string): JournalShadow {
  // Whoever left it last has removed it.
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const open = (slot: 0 | 1): Slot => {
    const path = shadowPath(directory, processId, slot);
    return { path, fd: openSync(path, 'w', 0o600), start: { sequence: 0, bytes: 0 }, lengthBytes: 0 };
  };
  let [current, other] = [open(0), open(1)];
  return {
    hold: (bytes, place) => {
      const follows =
        current.lengthBytes > 0 && current.start.sequence === place.sequence && current.start.bytes + current.lengthBytes === place.bytes;
      if (follows && current.lengthBytes < turnBytes) return add(current, bytes);
      if (current.lengthBytes === 0) return begin(current, bytes, place);
      if (other.lengthBytes > 0) return follows && current.lengthBytes + bytes.length <= mostBytes && add(current, bytes);
      [current, other] = [other, current];
      return begin(current, bytes, place);
    },
    release: ({ sequence, bytes }) => {
      for (const slot of [current, other]) {
        const { start, lengthBytes } = slot;
        const isOnDisk = start.sequence < sequence || (start.sequence === sequence && start.bytes + lengthBytes <= bytes);
        if (lengthBytes > 0 && isOnDisk) empty(slot);
      }
    },
    close: () => {
      for (const { fd, path } of [current, other]) {
        closeSync(fd);
        rmSync(path, { force: true });
      }
      removeEmpty(directory);
    },
  };
}

function begin(slot: Slot, bytes: Buffer, place: Place): boolean {
  if (!write(slot, Buffer.concat([Buffer.from(header(place), 'latin1'), bytes]), 0)) return false;
  slot.start = place;
  slot.lengthBytes = bytes.length;
  return true;
}

function add(slot: Slot, bytes: Buffer): boolean {
  if (!write(slot, bytes, shadowHeaderBytes + slot.lengthBytes)) return false;
  slot.lengthBytes += bytes.length;
  return true;
}

/** All or nothing: memory that is full may have taken a part. */
function write({ fd, lengthBytes }: Slot, bytes: Buffer, position: number): boolean {
  try {
    if (writeSync(fd, bytes, 0, bytes.length, position) === bytes.length) return true;
  } catch {
    // No room is no fault: the disk is waited for instead.
  }
  ftruncateSync(fd, lengthBytes === 0 ? 0 : shadowHeaderBytes + lengthBytes);
  return false;
}

/** Before the journal's file may be deleted: what an old shadow holds would be written into it again. */
function empty(slot: Slot): void {
  ftruncateSync(slot.fd, 0);
  slot.lengthBytes = 0;
}

/** Memory keeps what nobody uses until the machine is switched off. */
function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Another process has its shadow there.
  }
}
