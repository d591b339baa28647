import type { Clock } from '../std/clock.ts';
import type { JournalFile, OpenJournalFile } from './journal-file.ts';
import { LedgerError, toLedgerError } from './ledger-error.ts';
import { HeldTail } from './held-tail.ts';
import type { HeldBatch } from './held-tail.ts';
import type { JournalShadow } from './journal-shadow.ts';

/** Whether what the operating system took is also forced to disk: never, once a second, or before each answer. */
export type FsyncPolicy = 'never' | 'interval' | 'always';

export interface AppendJournalOptions<Entry> {
  readonly openFile: OpenJournalFile;
  /** The path of the n-th file, from 1. */
  readonly pathOf: (sequence: number) => string;
  /** The bytes of what goes out in one write. */
  readonly encode: (entries: readonly Entry[]) => Buffer;
  readonly fsync: FsyncPolicy;
  readonly clock: Clock;
  /** Calls once at the end of this turn of the event loop, so that all requests that it brought share the write. */
  readonly atTurnEnd: (run: () => void) => void;
  /** Memory that outlives the process: with it nobody waits for the disk, which is written a little later. */
  readonly shadow?: JournalShadow;
  /** A file that reached this size is closed and the next one begun. */
  readonly maxFileBytes: number;
  /** Most records that may wait for the disk: `tryAppend` refuses beyond, `append` drops and counts. */
  readonly maxWaitingTries: number;
  readonly maxWaitingKept: number;
  /** Called after records were handed to the operating system. */
  readonly onWritten: (bytes: number) => void;
}

/** One file of the journal, and how much of it may be read. */
export interface WrittenFile {
  readonly sequence: number;
  readonly writtenBytes: number;
  /** Nothing more will be written to it. */
  readonly sealed: boolean;
}

interface Waiting<Entry> {
  readonly entries: Entry[];
  /** For each entry, whether it is dropped (and its caller told) rather than kept when the write fails. */
  readonly isTry: boolean[];
}

const fsyncIntervalMs = 1000;
/**
 * How long kept records wait for a try that takes them along, where tries come that often: a write of their own costs
 * more than all else here.
 */
const keptDelayMs = 2;
/**
 * How long the disk may lag behind what is held in memory that outlives the process, and how much at once is worth a
 * write: most of what a small one costs does not grow with it.
 */
const heldDelayMs = 100;
const heldWriteBytes = 262_144;
const mostHeldBytes = 8 * 1_048_576;
const firstRetryMs = 50;
const longestRetryMs = 1000;

/**
 * The process's own append-only journal: whatever is queued while one write is under way goes out in the next one
 * (group commit), so that a request pays for a fraction of a system call and never blocks the event loop.
 */
export class AppendJournal<Entry> {
  readonly #options: AppendJournalOptions<Entry>;
  readonly #sealed: WrittenFile[] = [];
  readonly #tail: HeldTail | undefined;
  #file: JournalFile;
  #sequence = 1;
  #writtenBytes = 0;
  /** What waits for the next write, in the order in which it came. */
  #waiting: Waiting<Entry> = { entries: [], isTry: [] };
  #waitingTries = 0;
  #lastTryMs = -Infinity;
  #dropped = 0;
  /** Settles with the next write; all who wait for that write share it. */
  #next: PromiseWithResolvers<void> | undefined;
  #underWay: Promise<void> | undefined;
  /** Whether the write under way carries what is not held, so that nobody knows yet where its end will be. */
  #isUnheldUnderWay = false;
  #scheduled = false;
  #closed = false;
  #failure: { readonly error: LedgerError; readonly retryAtMs: number; readonly waitMs: number } | undefined;
  /** Reported and tried again, while records go on: under 'interval' they promise the operating system's memory only. */
  #syncFailure: LedgerError | undefined;
  /** A failed write may have left bytes behind the last whole record. */
  #needsTruncation = false;
  #cancelRetry: (() => void) | undefined;
  #cancelKept: (() => void) | undefined;
  #cancelHeld: (() => void) | undefined;
  #cancelSync: (() => void) | undefined;

  static async open<Entry>(options: AppendJournalOptions<Entry>): Promise<AppendJournal<Entry>> {
    return new AppendJournal(options, await options.openFile(options.pathOf(1), options.fsync !== 'never'));
  }

  private constructor(options: AppendJournalOptions<Entry>, file: JournalFile) {
    this.#options = options;
    this.#file = file;
    const { shadow, maxFileBytes } = options;
    this.#tail = shadow === undefined ? undefined : new HeldTail(shadow, { fileBytes: maxFileBytes, heldBytes: mostHeldBytes });
  }

  /** Resolves once the operating system has the entry (and the disk, under 'always'); a rejected one leaves no trace. */
  tryAppend(entry: Entry): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#lastTryMs = this.#options.clock.nowMs();
    this.#add(entry, true);
    this.#schedule();
    return this.#nextWrite().promise;
  }

  /** Keeps the entry in memory until the operating system took it, however often a write fails. */
  append(entry: Entry): void {
    if (this.#closed || this.#waiting.entries.length - this.#waitingTries >= this.#options.maxWaitingKept) {
      this.#dropped += 1;
      return;
    }
    this.#add(entry, false);
    // Into memory it goes with the turn that brought it, before a client can have done much with an answer's end.
    if (this.#tail !== undefined && this.#failure === undefined) this.#schedule();
    else if (this.#options.clock.nowMs() - this.#lastTryMs < keptDelayMs) this.#writeKeptSoon();
    else if (!this.#isResting()) this.#schedule();
  }

  /** Counts a record that could not even be queued. */
  countDropped(): void {
    this.#dropped += 1;
  }

  /** Resolves when every entry so far is in its file, and rejects where one more try failed. */
  async written(): Promise<void> {
    do {
      await this.#underWay;
      this.#writeNext();
    } while (this.#underWay !== undefined);
  }

  files(): readonly WrittenFile[] {
    return [...this.#sealed, { sequence: this.#sequence, writtenBytes: this.#writtenBytes, sealed: false }];
  }

  /** Says that a sealed file was read to its end and deleted. */
  forget(sequence: number): void {
    const index = this.#sealed.findIndex((file) => file.sequence === sequence);
    if (index !== -1) this.#sealed.splice(index, 1);
  }

  health(): { readonly waitingRecords: number; readonly droppedRecords: number; readonly failure: string | undefined } {
    return {
      waitingRecords: this.#waiting.entries.length + (this.#tail?.records ?? 0),
      droppedRecords: this.#dropped,
      failure: (this.#failure?.error ?? this.#syncFailure)?.message,
    };
  }

  /** Writes what waits, once, then ends; rejects where that write failed, since those records are lost with it. */
  async close(): Promise<void> {
    this.#closed = true;
    try {
      await this.written();
      if (this.#options.fsync !== 'never') await this.#file.sync();
      this.#tail?.close();
    } catch (error) {
      throw toLedgerError(error, this.#path());
    } finally {
      this.#cancelRetry?.();
      this.#cancelKept?.();
      this.#cancelHeld?.();
      this.#cancelSync?.();
      await this.#file.close();
    }
  }

  #path(): string {
    return this.#options.pathOf(this.#sequence);
  }

  #refusal(): LedgerError | undefined {
    if (this.#closed) return new LedgerError('closed', 'The ledger is closed.');
    if (this.#failure !== undefined && this.#isResting()) return this.#failure.error;
    if (this.#waitingTries < this.#options.maxWaitingTries) return undefined;
    return new LedgerError('overloaded', `The ledger's journal has ${this.#waitingTries} records waiting for the disk already.`);
  }

  /**
   * Puts all that waits into memory that outlives the process. Not where the disk fails, since then only the disk's own
   * word counts, and not behind what may yet be dropped.
   */
  #hold(): boolean {
    if (this.#tail === undefined || this.#failure !== undefined || this.#isUnheldUnderWay) return false;
    const { entries } = this.#waiting;
    if (!this.#tail.hold(this.#options.encode(entries), entries.length)) return false;
    this.#waiting = { entries: [], isTry: [] };
    this.#waitingTries = 0;
    this.#next?.resolve();
    this.#next = undefined;
    this.#writeHeldSoon();
    return true;
  }

  #add(entry: Entry, isTry: boolean): void {
    this.#waiting.entries.push(entry);
    this.#waiting.isTry.push(isTry);
    if (isTry) this.#waitingTries += 1;
  }

  /** Whether the last write failed so recently that the next one would only fail again. */
  #isResting(): boolean {
    return this.#failure !== undefined && this.#options.clock.nowMs() < this.#failure.retryAtMs;
  }

  #nextWrite(): PromiseWithResolvers<void> {
    if (this.#next === undefined) {
      this.#next = Promise.withResolvers<void>();
      // Nobody may be waiting for a write of kept records only.
      this.#next.promise.catch(() => {});
    }
    return this.#next;
  }

  #schedule(): void {
    if (this.#scheduled || (this.#underWay !== undefined && this.#tail === undefined)) return;
    this.#scheduled = true;
    this.#options.atTurnEnd(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#scheduled = false;
    if (this.#waiting.entries.length > 0 && !this.#hold()) this.#writeNext();
  };

  #writeKeptSoon(): void {
    this.#cancelKept ??= this.#options.clock.after(keptDelayMs, () => {
      this.#cancelKept = undefined;
      if (this.#waiting.entries.length > 0 && !this.#hold() && !this.#isResting()) this.#writeNext();
    });
  }

  #writeHeldSoon(): void {
    if ((this.#tail?.bytes ?? 0) >= heldWriteBytes) this.#writeNext();
    this.#cancelHeld ??= this.#options.clock.after(heldDelayMs, () => {
      this.#cancelHeld = undefined;
      if (!this.#isResting()) this.#writeNext();
    });
  }

  /** Begins the next write, unless one is under way: what is held comes first, since it came first. */
  #writeNext(): void {
    if (this.#underWay !== undefined) return;
    if (this.#waiting.entries.length > 0) this.#hold();
    const held = this.#tail?.first();
    if (held !== undefined) this.#writeHeld(held);
    else if (this.#waiting.entries.length > 0) this.#writeWaiting();
  }

  #writeHeld(batch: HeldBatch): void {
    const written = this.#write(() => batch.bytes, batch.place.sequence);
    this.#underWay = written.then(
      (bytes) => {
        this.#tail?.release(batch);
        this.#noteWritten(bytes);
      },
      (error: unknown) => {
        this.#underWay = undefined;
        const failure = this.#fail(error);
        this.#refuseTries(failure);
        throw failure;
      },
    );
    // Nobody may be waiting for it; its failure is told by `health` and by the tries that are refused.
    this.#underWay.catch(() => {});
  }

  #writeWaiting(): void {
    const batch = this.#nextWrite();
    const taken = this.#waiting;
    this.#next = undefined;
    this.#waiting = { entries: [], isTry: [] };
    this.#waitingTries = 0;
    this.#underWay = batch.promise;
    this.#isUnheldUnderWay = true;
    const sequence = this.#writtenBytes >= this.#options.maxFileBytes ? this.#sequence + 1 : this.#sequence;
    void this.#write(() => this.#options.encode(taken.entries), sequence).then(
      (bytes) => {
        this.#isUnheldUnderWay = false;
        this.#tail?.moved({ sequence: this.#sequence, bytes: this.#writtenBytes });
        batch.resolve();
        this.#noteWritten(bytes);
      },
      (error: unknown) => {
        this.#underWay = undefined;
        this.#isUnheldUnderWay = false;
        this.#takeBack(taken);
        batch.reject(this.#fail(error));
      },
    );
  }

  #noteWritten(bytes: number): void {
    this.#underWay = undefined;
    this.#failure = undefined;
    this.#options.onWritten(bytes);
    // Who waits for the next write has its promise; records that nobody waits for have time.
    if (this.#next !== undefined) this.#writeNext();
    else if (this.#waiting.entries.length > 0) this.#writeKeptSoon();
    else if (this.#tail !== undefined && this.#tail.bytes > 0) this.#writeHeldSoon();
  }

  /** Tries that wait behind what the disk did not take are not tried themselves. */
  #refuseTries(error: LedgerError): void {
    const refused = this.#waiting;
    this.#waiting = { entries: [], isTry: [] };
    this.#waitingTries = 0;
    this.#takeBack(refused);
    this.#next?.reject(error);
    this.#next = undefined;
  }

  /** Puts what must not be lost before what came since, in the old order. */
  #takeBack({ entries, isTry }: Waiting<Entry>): void {
    const kept = entries.filter((_, index) => isTry[index] === false);
    this.#waiting = { entries: kept.concat(this.#waiting.entries), isTry: kept.map(() => false).concat(this.#waiting.isTry) };
  }

  async #write(bytesOf: () => Buffer, sequence: number): Promise<number> {
    if (this.#needsTruncation) await this.#truncate();
    if (sequence > this.#sequence) await this.#rotate();
    const bytes = bytesOf();
    try {
      await this.#file.write(bytes, this.#writtenBytes);
      if (this.#options.fsync === 'always') await this.#file.sync();
    } catch (error) {
      this.#needsTruncation = true;
      await this.#truncate().catch(() => {});
      throw error;
    }
    this.#writtenBytes += bytes.length;
    if (this.#options.fsync === 'interval') this.#syncSoon();
    return bytes.length;
  }

  async #truncate(): Promise<void> {
    await this.#file.truncate(this.#writtenBytes);
    this.#needsTruncation = false;
  }

  async #rotate(): Promise<void> {
    const keep = this.#options.fsync !== 'never';
    const next = await this.#options.openFile(this.#options.pathOf(this.#sequence + 1), keep);
    const previous = this.#file;
    this.#sealed.push({ sequence: this.#sequence, writtenBytes: this.#writtenBytes, sealed: true });
    this.#file = next;
    this.#sequence += 1;
    this.#writtenBytes = 0;
    try {
      if (keep) await previous.sync();
    } finally {
      await previous.close();
    }
  }

  #fail(error: unknown): LedgerError {
    const waitMs = Math.min(longestRetryMs, this.#failure === undefined ? firstRetryMs : this.#failure.waitMs * 2);
    const ledgerError = toLedgerError(error, `journal ${this.#path()}`);
    this.#failure = { error: ledgerError, retryAtMs: this.#options.clock.nowMs() + waitMs, waitMs };
    this.#cancelRetry?.();
    if (!this.#closed) this.#cancelRetry = this.#options.clock.after(waitMs, () => this.#writeNext());
    return ledgerError;
  }

  #syncSoon(): void {
    this.#cancelSync ??= this.#options.clock.after(fsyncIntervalMs, () => {
      this.#cancelSync = undefined;
      this.#file.sync().then(
        () => {
          this.#syncFailure = undefined;
        },
        (error: unknown) => {
          this.#syncFailure = toLedgerError(error, `journal ${this.#path()}`);
          if (!this.#closed) this.#syncSoon();
        },
      );
    });
  }
}
