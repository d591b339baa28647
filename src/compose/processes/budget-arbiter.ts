import { nothingSpent, type Reservation } from '../../budget/reservation.ts';
import type { Clock } from '../../std/clock.ts';
import type { LimitKeeper } from '../../budget/limit-keeper.ts';
import type { Order, Report } from './process-message.ts';
import type { SpentByRequest } from '../../ledger/read-spent.ts';

interface Held {
  readonly requestId: string;
  readonly reservation: Reservation;
}

/** One run of a serving process, as the arbiter knows it. */
export interface ArbitratedRun {
  readonly heard: (report: Report) => void;
  readonly ended: () => void;
}

/** By then whoever drains a dead process's journal is done, even where it was not the process that took its place. */
const drainedAfterMs = 5000;

/**
 * The first process's side of limits that hold for all. What a process that died had reserved stays reserved until the
 * ledger tells what its requests were charged: its last words may have been lost, its journal was not.
 */
export class BudgetArbiter {
  readonly #keeper: Promise<LimitKeeper>;
  readonly #readSpent: (requestIds: readonly string[]) => readonly SpentByRequest[];
  readonly #clock: Clock;
  readonly #orphans = new Map<number, Held[]>();

  /** `keeper` resolves once all processes have opened the ledger, which is then complete: until then requests wait. */
  constructor(keeper: Promise<LimitKeeper>, readSpent: (requestIds: readonly string[]) => readonly SpentByRequest[], clock: Clock) {
    this.#keeper = keeper;
    this.#readSpent = readSpent;
    this.#clock = clock;
  }

  /** A process begins to run in a place. What it says is heard even when it has ended: its last words may come later than its end. */
  run(index: number, tell: (order: Order) => void): ArbitratedRun {
    const holds = new Map<number, Held>();
    let hasEnded = false;
    const reserve = async ({ id, payer, requestId, need }: Extract<Report, { kind: 'reserve' }>): Promise<void> => {
      const keeper = await this.#keeper;
      const reserved = await keeper.reserve(payer, requestId, need);
      if (!reserved.ok) return tell({ kind: 'reserved', id, refusal: reserved.failure, standing: undefined });
      // It died while this waited, and has dispatched nothing.
      if (hasEnded) return reserved.value.settle(nothingSpent, this.#clock.wallMs());
      holds.set(id, { requestId, reservation: reserved.value });
      tell({ kind: 'reserved', id, refusal: undefined, standing: reserved.value.standing });
    };
    return {
      heard: (report) => {
        if (report.kind === 'reserve') void reserve(report);
        if (report.kind === 'serving') this.#returned(index);
        if (report.kind !== 'settle') return;
        holds.get(report.id)?.reservation.settle(report.spent, report.wallMs);
        if (!hasEnded) holds.delete(report.id);
      },
      ended: () => {
        hasEnded = true;
        this.#orphans.set(index, [...(this.#orphans.get(index) ?? []), ...holds.values()]);
      },
    };
  }

  /** Another process serves in the place of one that ended, and has brought to the ledger what that one left. */
  #returned(index: number): void {
    const orphans = this.#orphans.get(index) ?? [];
    this.#orphans.delete(index);
    const unknown = this.#settleCharged(orphans);
    if (unknown.length === 0) return;
    this.#clock.after(drainedAfterMs, () => {
      for (const { reservation } of this.#settleCharged(unknown)) reservation.settle(nothingSpent, this.#clock.wallMs());
    });
  }

  /** Settles those that the ledger knows, and returns the others. */
  #settleCharged(orphans: readonly Held[]): readonly Held[] {
    const charged = new Map(this.#readSpent(orphans.map(({ requestId }) => requestId)).map((row) => [row.requestId, row]));
    return orphans.filter(({ requestId, reservation }) => {
      const row = charged.get(requestId);
      if (row !== undefined) reservation.settle(row, row.settledAtWallMs);
      return row === undefined;
    });
  }
}
