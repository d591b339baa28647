import { failure, success } from '../../std/result.ts';
import { KnownKinds, type LimitKeeper, type Reserved } from '../../budget/limit-keeper.ts';
import { nothingSpent, type Need, type Refusal, type Reservation, type Spent, type Standing } from '../../budget/reservation.ts';
import type { Clock } from '../../std/clock.ts';
import type { LimitKinds, LimitRules, Payer } from '../../budget/limits.ts';
import type { Order, Report } from './process-message.ts';

/** The first process answers within a millisecond as a rule; one that does not is stuck, and what needs it is refused. */
const answerWithinMs = 5000;
const retryAfterMs = 1000;
const unavailable: Refusal = { fault: { code: 'limits_unavailable', retryAfterMs }, standing: undefined };

interface Asked {
  readonly need: Need;
  readonly answer: (reserved: Reserved) => void;
}

/**
 * Asks the first process, which keeps the limits for all that serve. Only payers with limits come here: the others are
 * served even while it is gone, and these are not (a budget that nobody counts is none).
 */
export class FarKeeper implements LimitKeeper {
  readonly #report: (report: Report) => void;
  readonly #clock: Clock;
  #kinds: KnownKinds;
  readonly #asked = new Map<number, Asked>();
  #next = 0;
  #isLost = false;

  constructor(rules: LimitRules, report: (report: Report) => void, clock: Clock) {
    this.#kinds = new KnownKinds(rules);
    this.#report = report;
    this.#clock = clock;
  }

  /** Other limits from now on, which the first process keeps already. */
  change(rules: LimitRules): void {
    this.#kinds = new KnownKinds(rules);
  }

  kindsOf(payer: Payer): LimitKinds | undefined {
    return this.#kinds.of(payer);
  }

  reserve({ keyId, tenant }: Payer, requestId: string, need: Need): Promise<Reserved> {
    if (this.#isLost) return Promise.resolve(failure(unavailable));
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(answerWithinMs, () => answer(failure(unavailable)));
      const answer = (reserved: Reserved): void => {
        cancel();
        this.#asked.delete(id);
        resolve(reserved);
      };
      this.#asked.set(id, { need, answer });
      this.#report({ kind: 'reserve', id, payer: { keyId, tenant }, requestId, need });
    });
  }

  /** The first process has decided. */
  reserved({ id, refusal, standing }: Extract<Order, { kind: 'reserved' }>): void {
    const asked = this.#asked.get(id);
    if (asked !== undefined) return asked.answer(refusal === undefined ? success(this.#held(id, asked.need, standing)) : failure(refusal));
    // It came too late, and its request was refused: what it holds must not be lost.
    if (refusal === undefined) this.#report({ kind: 'settle', id, spent: nothingSpent, wallMs: this.#clock.wallMs() });
  }

  /** The first process is gone. */
  lost(): void {
    this.#isLost = true;
    for (const { answer } of this.#asked.values()) answer(failure(unavailable));
  }

  #held(id: number, need: Need, standing: Standing | undefined): Reservation {
    let isOpen = true;
    const settle = (spent: Spent, wallMs: number): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#report({ kind: 'settle', id, spent, wallMs });
    };
    return { need, standing, settle };
  }
}
