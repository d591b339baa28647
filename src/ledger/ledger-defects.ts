/** What should never happen and is counted when it does, exactly once however often a crash repeats the reading. */
export interface LedgerDefects {
  /** A second charge of a request, which was ignored. */
  readonly duplicateCharges: number;
  /** An attempt opened under an id that was taken. */
  readonly duplicateAttempts: number;
  /** A close of an attempt that was not open (never opened, or closed before). */
  readonly ignoredCloses: number;
  /** Lines of a journal that are not what was written. */
  readonly damagedRecords: number;
}

export const noDefects: LedgerDefects = { duplicateCharges: 0, duplicateAttempts: 0, ignoredCloses: 0, damagedRecords: 0 };
