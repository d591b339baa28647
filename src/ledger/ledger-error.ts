import { z } from 'zod';

export type LedgerErrorReason = 'not-a-folder' | 'read-only' | 'full' | 'locked' | 'damaged' | 'too-new' | 'overloaded' | 'closed' | 'failed';

/** Why the ledger cannot do what it was asked, in one sentence that an operator can act on. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly reason: LedgerErrorReason;

  constructor(reason: LedgerErrorReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.reason = reason;
  }
}

// Node gives file errors a string `code`; `node:sqlite` adds SQLite's extended result code as `errcode`.
const systemError = z.object({ code: z.string().optional(), errcode: z.int().optional() });

const reasonByCode: ReadonlyMap<string, LedgerErrorReason> = new Map([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EFBIG', 'full'],
  ['EROFS', 'read-only'],
  ['EACCES', 'read-only'],
  ['EPERM', 'read-only'],
  ['ENOTDIR', 'not-a-folder'],
  ['EEXIST', 'not-a-folder'],
]);

// Primary result codes, the low byte of the extended ones: https://www.sqlite.org/rescode.html
const reasonBySqliteCode: ReadonlyMap<number, LedgerErrorReason> = new Map([
  [5, 'locked'],
  [6, 'locked'],
  [8, 'read-only'],
  [11, 'damaged'],
  [13, 'full'],
  [14, 'read-only'],
  [26, 'damaged'],
]);

const explanations: Readonly<Record<LedgerErrorReason, string>> = {
  'not-a-folder': 'is not a folder: choose another directory for the ledger',
  'read-only': 'cannot be written by this process: give it write permission or choose another directory',
  full: 'cannot be written because the disk is full: free some space',
  locked: 'is locked by another program: end that program, or wait until it is done',
  damaged: 'is damaged or no SQLite database: move it aside or restore a backup',
  'too-new': 'was written by a newer version of this program: upgrade, or choose another directory',
  overloaded: 'has more records waiting than it may hold: the disk is too slow for this load',
  closed: 'is closed',
  failed: 'failed',
};

/** Turns whatever the file system or SQLite threw into one sentence about `path`. */
export function toLedgerError(error: unknown, path: string): LedgerError {
  if (error instanceof LedgerError) return error;
  const known = systemError.safeParse(error);
  const { code, errcode } = known.success ? known.data : {};
  const reason =
    (errcode === undefined ? undefined : reasonBySqliteCode.get(errcode & 0xff)) ??
    (code === undefined ? undefined : reasonByCode.get(code)) ??
    'failed';
  const detail = reason === 'failed' ? `: ${error instanceof Error ? error.message : String(error)}` : '';
  return new LedgerError(reason, `The ledger ${path} ${explanations[reason]}${detail}.`, error);
}

export function isLocked(error: unknown): boolean {
  return toLedgerError(error, '').reason === 'locked';
}

// SQLITE_TOOBIG, SQLITE_CONSTRAINT and SQLITE_MISMATCH: the row is at fault, and trying it again would change nothing.
const refusals = new Set([18, 19, 20]);

/** Whether SQLite refused a row for what it holds, rather than being unable to write. */
export function isRefusedRow(error: unknown): boolean {
  const { data } = systemError.safeParse(error);
  return data?.errcode !== undefined && refusals.has(data.errcode & 0xff);
}
