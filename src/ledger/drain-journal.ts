import { closeSync, existsSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { prepareApplier } from './apply-records.ts';
import { decodeRecords } from './journal-record.ts';
import { inDurableTransaction, inTransaction } from './ledger-database.ts';
import { LedgerError, isRefusedRow } from './ledger-error.ts';

export interface JournalDrain {
  /** Applies the records of a journal up to `untilBytes`, each exactly once whoever else drains it or dies meanwhile. */
  readonly drain: (name: string, processId: string, untilBytes: number) => void;
  /** Deletes a journal that was drained and will not grow; one with damaged lines is kept under another name. */
  readonly remove: (name: string) => void;
}

// Bounds both the memory of a read and the length of a transaction. The longest record is less than half of it.
const chunkBytes = 524_288;

const progressRow = z.object({ read_bytes: z.int(), damaged_lines: z.int() }).optional();
type Progress = NonNullable<z.infer<typeof progressRow>>;

export function prepareDrain(database: DatabaseSync, directory: string): JournalDrain {
  const applier = prepareApplier(database);
  const selectProgress = database.prepare('SELECT read_bytes, damaged_lines FROM journals WHERE name = ?');
  const saveProgress = database.prepare(`
    INSERT INTO journals (name, read_bytes, damaged_lines) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET read_bytes = excluded.read_bytes, damaged_lines = excluded.damaged_lines`);
  const buffer = Buffer.allocUnsafe(chunkBytes);

  const progressOf = (name: string): Progress => progressRow.parse(selectProgress.get(name)) ?? { read_bytes: 0, damaged_lines: 0 };

  // The position is read and saved in the transaction that applies the records: that alone makes it exactly once.
  const drainChunk = (file: number, name: string, processId: string, untilBytes: number, how: 'applyTogether' | 'applyOneByOne'): boolean =>
    inTransaction(database, () => {
      const progress = progressOf(name);
      const wanted = Math.min(chunkBytes, untilBytes - progress.read_bytes);
      if (wanted <= 0) return false;
      const chunk = buffer.subarray(0, readSync(file, buffer, 0, wanted, progress.read_bytes));
      const decoded = decodeRecords(chunk);
      // No line is that long: it is damage, and the next newline ends it.
      const isEndless = decoded.consumedBytes === 0 && chunk.length === chunkBytes;
      const consumed = isEndless ? chunk.length : decoded.consumedBytes;
      const damaged = decoded.damagedLines + applier[how](decoded.records, processId);
      applier.countDefects('damagedRecords', damaged);
      saveProgress.run(name, progress.read_bytes + consumed, progress.damaged_lines + damaged);
      return consumed > 0 && progress.read_bytes + consumed < untilBytes;
    });

  const drainSome = (file: number, name: string, processId: string, untilBytes: number): boolean => {
    try {
      return drainChunk(file, name, processId, untilBytes, 'applyTogether');
    } catch (error) {
      applier.forget();
      if (!isRefusedRow(error)) throw error;
    }
    try {
      return drainChunk(file, name, processId, untilBytes, 'applyOneByOne');
    } catch (error) {
      applier.forget();
      throw error;
    }
  };

  return {
    drain: (name, processId, untilBytes) => {
      const { read_bytes: readBytes } = progressOf(name);
      if (readBytes >= untilBytes) return;
      const path = join(directory, name);
      if (!existsSync(path)) {
        throw new LedgerError(
          'damaged',
          `The ledger journal ${path} has vanished with ${untilBytes - readBytes} bytes that were not yet in the database.`,
        );
      }
      const file = openSync(path, 'r');
      try {
        while (drainSome(file, name, processId, untilBytes));
      } finally {
        closeSync(file);
      }
    },
    remove: (name) => {
      const progress = progressOf(name);
      inDurableTransaction(database, () => saveProgress.run(name, progress.read_bytes, progress.damaged_lines));
      const path = join(directory, name);
      if (progress.damaged_lines === 0) rmSync(path, { force: true });
      else if (existsSync(path)) renameSync(path, `${path}.damaged`);
    },
  };
}
