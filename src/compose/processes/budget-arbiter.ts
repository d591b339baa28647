import { LeaseBook, recallPatienceMs } from '../../budget/leases/lease-book.ts';
import type { ChargedRow } from '../../budget/leases/lease-message.ts';
import type { Clock } from '../../std/clock.ts';
import type { Meter } from '../../budget/guard.ts';
import type { Moment } from '../../budget/reservation.ts';
import type { Order, Report } from './process-message.ts';
import type { OwnKeeper } from '../../budget/own-keeper.ts';

/** One run of a serving process, as the arbiter knows it. */
export interface ArbitratedRun {
  /** Two hexadecimal digits for the ids that it makes. */
  readonly mark: string;
  readonly heard: (report: Report) => void;
  readonly ended: () => void;
}

export interface ArbiterSurroundings {
  readonly clock: Clock;
  /** Anything below `markCount`: so that two gateways on one ledger are not taken for each other. */
  readonly firstMark: number;
  /** What the ledger says was charged since then by the run with this mark; undefined where it cannot be read now. */
  readonly readCharged: (mark: string, sinceWallMs: number) => readonly ChargedRow[] | undefined;
}

interface Orphan {
  readonly run: number;
  readonly mark: string;
}

export const markCount = 256;
/** By then whoever drains a dead process's journal is done, even where it was not the process that took its place. */
const drainedAfterMs = 5000;

/**
 * The first process's side of limits that hold for all. What it lent to a process that died stays lent until the ledger
 * tells what was charged of it: the last words may have been lost, the journal was not.
 */
export class BudgetArbiter {
  readonly #clock: Clock;
  readonly #around: ArbiterSurroundings;
  readonly #opened: Promise<LeaseBook>;
  #book: LeaseBook | undefined;
  #isLateSet = false;
  #runs: number;
  readonly #orphans = new Map<number, Orphan[]>();

  /** `keeper` resolves once all processes have opened the ledger, which is then complete: until then requests wait. */
  constructor(keeper: Promise<OwnKeeper>, around: ArbiterSurroundings) {
    this.#around = around;
    this.#clock = around.clock;
    this.#runs = around.firstMark;
    this.#opened = keeper.then(({ budgets }) => (this.#book = new LeaseBook(budgets)));
  }

  /** A process begins to run in a place. What it says is heard even when it has ended: its last words may come later than its end. */
  run(index: number, tell: (order: Order) => void): ArbitratedRun {
    this.#runs += 1;
    const run = this.#runs;
    const mark = (run % markCount).toString(16).padStart(2, '0');
    this.#with((book) => book.joined(run, (order) => tell({ kind: 'lease', order }), this.#clock.wallMs()));
    return {
      mark,
      heard: (report) => {
        if (report.kind === 'lease-ask') this.#with((book, at) => book.ask(run, report.ask, at));
        if (report.kind === 'lease-account') this.#with((book, at) => book.account(run, report.account, at));
        if (report.kind === 'serving') this.#returned(index);
      },
      ended: () => {
        this.#with((book, at) => book.left(run, at));
        this.#orphans.set(index, [...(this.#orphans.get(index) ?? []), { run, mark }]);
      },
    };
  }

  /** Other limits are in use. */
  changed(): void {
    this.#with((book, at) => book.changed(at));
  }

  /** How much of what a meter has reserved is held by no request. */
  stockOf(meter: Meter): number {
    return this.#book?.stockOf(meter) ?? 0;
  }

  /** At once, or in order once there is anything to keep. */
  #with(run: (book: LeaseBook, at: Moment) => void): void {
    if (this.#book === undefined) void this.#opened.then((book) => this.#now(book, run));
    else this.#now(this.#book, run);
  }

  #now(book: LeaseBook, run: (book: LeaseBook, at: Moment) => void): void {
    run(book, { nowMs: this.#clock.nowMs(), wallMs: this.#clock.wallMs() });
    if (!book.hasWaiting || this.#isLateSet) return;
    this.#isLateSet = true;
    this.#clock.after(recallPatienceMs, () => {
      this.#isLateSet = false;
      this.#with((known, at) => known.late(at));
    });
  }

  /** Another process serves in the place of one that ended, and has brought to the ledger what that one left. */
  #returned(index: number): void {
    const orphans = this.#orphans.get(index) ?? [];
    this.#orphans.delete(index);
    for (const orphan of orphans) this.#settle(orphan, () => this.#settleLast(orphan));
  }

  #settleLast(orphan: Orphan): void {
    this.#clock.after(drainedAfterMs, () =>
      this.#settle(orphan, (isRead) => {
        if (isRead) this.#with((book) => book.closed(orphan.run));
        else this.#settleLast(orphan);
      }),
    );
  }

  /** A ledger that cannot be read now frees nothing: it is read again. */
  #settle({ run, mark }: Orphan, then: (isRead: boolean) => void): void {
    this.#with((book, { wallMs }) => {
      const sinceWallMs = book.untoldSinceWallMs(run);
      const rows = sinceWallMs === undefined ? [] : this.#around.readCharged(mark, sinceWallMs);
      if (rows !== undefined) book.charged(run, rows, wallMs);
      then(rows !== undefined);
    });
  }
}
