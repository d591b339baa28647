import type { Clock } from '../std/clock.ts';
import type { AppendJournal } from './append-journal.ts';
import { chargeEntry, closedEntry, openedEntry, progressEntry } from './journal-entry.ts';
import type { JournalEntry } from './journal-entry.ts';
import { maxRecordCharacters } from './journal-record.ts';
import { noDefects } from './ledger-defects.ts';
import type { LedgerDefects } from './ledger-defects.ts';
import { LedgerError, toLedgerError } from './ledger-error.ts';
import type { AttemptClosed, AttemptOpened, AttemptProgress, Charge, Ledger, UsageQuery, UsageReport } from './ledger.ts';
import type { WriterAnswer, WriterTask } from './writer-message.ts';
import type { WriterThread } from './writer-thread.ts';

export interface SqliteLedgerSetup {
  readonly nameOf: (sequence: number) => string;
  readonly openJournal: (onWritten: (bytes: number) => void) => Promise<AppendJournal<JournalEntry>>;
  readonly writer: WriterThread;
  readonly clock: Clock;
  readonly maxUndrainedBytes: number;
  /** Ends the writer and lets other processes see that this one is gone. */
  readonly release: () => Promise<void>;
  readonly removeLock: () => void;
}

/** What an operator must know of a ledger that is behind or broken. */
export interface LedgerHealth extends LedgerDefects {
  /** Records in memory that the operating system has not taken yet. */
  readonly waitingRecords: number;
  /** Closes and charges that found the memory queue full and are gone. */
  readonly droppedRecords: number;
  /** Journal bytes that are not in the database yet. */
  readonly undrainedBytes: number;
  readonly journalFailure: string | undefined;
  readonly databaseFailure: string | undefined;
}

// Long enough that a busy gateway's records share a transaction and a message, and that most attempts end in the batch
// that opens them; nobody waits for it, since who reads the usage drains first.
const drainDelayMs = 1000;
// One transaction's worth is drained at once, so that the other thread works in short turns however busy the gateway is.
const drainBytes = 524_288;
const retryDelayMs = 1000;

/** The ledger of one process: records go to its journal at once, from there to SQLite a little later. */
export class SqliteLedger implements Ledger {
  readonly #setup: SqliteLedgerSetup;
  readonly #journal: AppendJournal<JournalEntry>;
  /** How far each file was drained, by its sequence number. */
  readonly #drainedBytes = new Map<number, number>();
  #undrainedBytes = 0;
  #defects: LedgerDefects = noDefects;
  #databaseFailure: string | undefined;
  #cancelDrain: (() => void) | undefined;
  #isDraining = false;
  #lastDrain: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  static async open(setup: SqliteLedgerSetup): Promise<SqliteLedger> {
    let onWritten = (_bytes: number): void => {};
    const journal = await setup.openJournal((bytes) => onWritten(bytes));
    const ledger = new SqliteLedger(setup, journal);
    onWritten = (bytes) => ledger.#noteWritten(bytes);
    return ledger;
  }

  private constructor(setup: SqliteLedgerSetup, journal: AppendJournal<JournalEntry>) {
    this.#setup = setup;
    this.#journal = journal;
  }

  openAttempt(attempt: AttemptOpened): Promise<void> {
    const entry = openedEntry(attempt);
    if (entry === undefined) {
      return Promise.reject(
        new LedgerError('failed', `The record of attempt ${attempt.attemptId.slice(0, 100)} is longer than ${maxRecordCharacters} characters.`),
      );
    }
    if (this.#undrainedBytes > this.#setup.maxUndrainedBytes) return Promise.reject(this.#behind());
    return this.#journal.tryAppend(entry);
  }

  noteProgress(progress: AttemptProgress): void {
    this.#keep(progressEntry(progress));
  }

  closeAttempt(closed: AttemptClosed): void {
    this.#keep(closedEntry(closed));
  }

  charge(charge: Charge): void {
    this.#keep(chargeEntry(charge));
  }

  async usage(query: UsageQuery): Promise<UsageReport> {
    const answer = await this.ask({ kind: 'usage', query });
    if (answer.kind !== 'usage') throw new LedgerError('failed', "The ledger's writer thread gave another answer than asked for.");
    return answer.report;
  }

  /** What is on no request's path, answered when all that was recorded so far is in the database: see `LedgerDesk`. */
  async ask(task: WriterTask): Promise<WriterAnswer> {
    // What a full disk does not take must not keep anybody from what it has.
    await this.#journal.written().catch(() => {});
    await this.#drain();
    return this.#setup.writer.perform(task);
  }

  async flush(): Promise<void> {
    await this.#journal.written();
    await this.#drain();
  }

  /** What it last knew, at no cost; the counts of defects are current after `flush`. */
  health(): LedgerHealth {
    const { waitingRecords, droppedRecords, failure } = this.#journal.health();
    return {
      ...this.#defects,
      waitingRecords,
      droppedRecords,
      undrainedBytes: this.#undrainedBytes,
      journalFailure: failure,
      databaseFailure: this.#databaseFailure,
    };
  }

  /** Rejects where something could not be brought to disk; the next start drains what the journal holds. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#cancelDrain?.();
    try {
      await this.#journal.close();
      await this.#lastDrain.catch(() => {});
      await this.#setup.writer.perform({ kind: 'retire' });
      this.#setup.removeLock();
    } finally {
      this.#cancelDrain?.();
      await this.#setup.release();
    }
  }

  #keep(entry: JournalEntry | undefined): void {
    if (entry === undefined) this.#journal.countDropped();
    else this.#journal.append(entry);
  }

  #behind(): LedgerError {
    const why = this.#databaseFailure ?? 'The database is slower than this load.';
    return new LedgerError('overloaded', `The ledger's journal holds ${this.#undrainedBytes} bytes that wait for the database. ${why}`);
  }

  #noteWritten(bytes: number): void {
    this.#undrainedBytes += bytes;
    if (this.#undrainedBytes < drainBytes || this.#databaseFailure !== undefined) this.#drainAfter(drainDelayMs);
    else if (!this.#isDraining && this.#closing === undefined) this.#drainSoon();
  }

  #countUndrained(): void {
    let bytes = 0;
    for (const file of this.#journal.files()) bytes += file.writtenBytes - (this.#drainedBytes.get(file.sequence) ?? 0);
    this.#undrainedBytes = bytes;
  }

  #drainAfter(delayMs: number): void {
    if (this.#closing !== undefined) return;
    this.#cancelDrain ??= this.#setup.clock.after(delayMs, () => {
      this.#cancelDrain = undefined;
      this.#drainSoon();
    });
  }

  #drainSoon(): void {
    // A failure is kept for `health` and tried again.
    this.#drain().catch(() => {});
  }

  /** Resolves when all that the journal holds now is in the database. One drain runs at a time. */
  #drain(): Promise<void> {
    const run = this.#lastDrain.catch(() => {}).then(() => this.#drainOnce());
    this.#lastDrain = run;
    run.catch(() => {});
    return run;
  }

  async #drainOnce(): Promise<void> {
    this.#isDraining = true;
    this.#cancelDrain?.();
    this.#cancelDrain = undefined;
    const files = this.#journal.files();
    const journals = files.map(({ sequence, writtenBytes, sealed }) => ({ name: this.#setup.nameOf(sequence), untilBytes: writtenBytes, sealed }));
    try {
      const answer = await this.#setup.writer.perform({ kind: 'drain', journals });
      if (answer.kind === 'drained') this.#defects = answer.defects;
    } catch (error) {
      this.#isDraining = false;
      const ledgerError = toLedgerError(error, 'database');
      this.#databaseFailure = ledgerError.message;
      this.#drainAfter(retryDelayMs);
      throw ledgerError;
    }
    this.#isDraining = false;
    this.#databaseFailure = undefined;
    for (const file of files) this.#noteDrained(file.sequence, file.writtenBytes, file.sealed);
    this.#countUndrained();
    if (this.#undrainedBytes > 0) this.#drainAfter(this.#undrainedBytes >= drainBytes ? 0 : drainDelayMs);
  }

  #noteDrained(sequence: number, bytes: number, removed: boolean): void {
    if (!removed) {
      this.#drainedBytes.set(sequence, bytes);
      return;
    }
    this.#drainedBytes.delete(sequence);
    this.#journal.forget(sequence);
  }
}
