import type { Clock } from '../std/clock.ts';
import type { KeptRows, UpkeepRules } from './keep-rows.ts';

export interface Retention {
  /** How long attempts are kept; undefined: for ever. */
  readonly attemptDays: number | undefined;
  readonly chargeDays: number | undefined;
}

export interface UpkeepSetup {
  readonly clock: Clock;
  readonly retention: Retention;
  readonly keep: (rules: UpkeepRules) => Promise<KeptRows>;
}

const dayMs = 86_400_000;
/** How long a vendor's bill may take to name an attempt whose end nobody saw (fault 88). */
const unknownMs = dayMs;
const everyMs = 600_000;
/** Between two transactions of the same kind, so that the journal's drain gets its turn. */
const pauseMs = 50;
/** For how long the wall clock must have gone as the monotonic one does before anything is deleted by its word. */
const trustMs = 3_600_000;
const toleratedDriftMs = 60_000;

/**
 * Brings unknown attempts to their end and deletes what is past its retention. A clock that jumped must not delete a
 * ledger (fault 95): nothing is deleted before the wall clock has agreed with the monotonic one for an hour.
 */
export class LedgerUpkeep {
  readonly #setup: UpkeepSetup;
  #trusted: { readonly wallMs: number; readonly nowMs: number };
  #cancel: (() => void) | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(setup: UpkeepSetup) {
    this.#setup = setup;
    this.#trusted = this.#clocks();
  }

  start(): void {
    this.#after(0);
  }

  /** Resolves when the transaction under way is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #clocks(): { readonly wallMs: number; readonly nowMs: number } {
    return { wallMs: this.#setup.clock.wallMs(), nowMs: this.#setup.clock.nowMs() };
  }

  #after(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#setup.clock.after(delayMs, () => {
      // A failure shows in the ledger's health by its drains; the next turn comes in any case.
      this.#running = this.#setup.keep(this.#rules()).then(
        ({ more }) => this.#after(more ? pauseMs : everyMs),
        () => this.#after(everyMs),
      );
    });
  }

  #rules(): UpkeepRules {
    const now = this.#clocks();
    const driftMs = now.wallMs - this.#trusted.wallMs - (now.nowMs - this.#trusted.nowMs);
    if (Math.abs(driftMs) > toleratedDriftMs) this.#trusted = now;
    const isTrusted = now.nowMs - this.#trusted.nowMs >= trustMs;
    const before = (days: number | undefined): number | undefined => (isTrusted && days !== undefined ? now.wallMs - days * dayMs : undefined);
    const { attemptDays, chargeDays } = this.#setup.retention;
    return {
      unknownBeforeWallMs: now.wallMs - unknownMs,
      attemptsBeforeWallMs: before(attemptDays),
      chargesBeforeWallMs: before(chargeDays),
    };
  }
}
