import { failure, success } from '../../std/result.ts';
import { GateSlice, RateSlice, SpendSlice, type OpenAccount, type Slice } from './slice.ts';
import { KnownKinds, type LimitKeeper, type Reserved } from '../limit-keeper.ts';
import { PayerSlices, type Outbox } from './payer-slices.ts';
import type { Clock } from '../../std/clock.ts';
import type { LeaseAccount, LeaseAnswer, LeaseAsk, LeaseOrder, LentPart } from './lease-message.ts';
import type { LimitKinds, LimitRules, Payer } from '../limits.ts';
import type { Need, Refusal } from '../reservation.ts';

/** The way to the arbiter, which keeps the order of what is said. */
export interface ToArbiter {
  readonly ask: (ask: LeaseAsk) => void;
  readonly account: (account: LeaseAccount) => void;
}

/** The arbiter answers within a millisecond as a rule; one that does not is stuck, and what needs it is refused. */
const answerWithinMs = 5000;
const retryAfterMs = 1000;
const unavailable: Refusal = { fault: { code: 'limits_unavailable', retryAfterMs }, standing: undefined };
/** What was used is told so often, where nothing makes it urgent. */
const tickMs = 200;
/** So many may wait for an answer, and so many accounts be on their way to an arbiter that does not note them. */
const mostAsked = 4096;
const mostUnnoted = 512;
/** A payer who asked for nothing for so many ticks is forgotten; beyond so many payers the eldest is. */
const idlePayerTicks = 50;
const mostPayers = 20_000;

interface Asked {
  readonly payer: Payer;
  readonly need: Need;
  readonly answer: (reserved: Reserved) => void;
}

/**
 * A holder's side of limits that hold for several processes: whoever's slices cover a request is let through here and
 * now; else the arbiter is asked. Only payers with limits come here: the others are served even while the arbiter is
 * gone, and these are not (a budget that nobody counts is none).
 */
export class SliceKeeper implements LimitKeeper {
  readonly #to: ToArbiter;
  readonly #clock: Clock;
  #kinds: KnownKinds;
  readonly #slices = new Map<number, Slice>();
  readonly #payers = new Map<string, { readonly held: PayerSlices; idle: number }>();
  readonly #asked = new Map<number, Asked>();
  readonly #outbox: Outbox;
  /** What was lent for a slice that was forgotten meanwhile. */
  #strays: (readonly [meter: number, amount: number])[] = [];
  #next = 0;
  #seq = 0;
  #noted = 0;
  #recalled = 0;
  /** What was not sent since too much is on its way. */
  #isHeldUp = false;
  #isTicking = false;
  #isLost = false;

  constructor(rules: LimitRules, to: ToArbiter, clock: Clock) {
    this.#kinds = new KnownKinds(rules);
    this.#to = to;
    this.#clock = clock;
    this.#outbox = { slices: [], payers: [], changed: (isUrgent) => (isUrgent ? this.#tell() : this.#tickSoon()) };
  }

  /** How much is remembered: for tests that nothing stays. */
  get size(): number {
    return this.#slices.size + this.#payers.size + this.#asked.size;
  }

  /** Other limits from now on, which the arbiter keeps already: it has recalled what was lent by those of before. */
  change(rules: LimitRules): void {
    this.#kinds = new KnownKinds(rules);
  }

  kindsOf(payer: Payer): LimitKinds | undefined {
    return this.#kinds.of(payer);
  }

  reserve(payer: Payer, _requestId: string, need: Need): Reserved | Promise<Reserved> {
    if (this.#isLost) return failure(unavailable);
    const known = this.#payers.get(payer.keyId);
    if (known === undefined || !known.held.covers(need, this.#clock.wallMs())) return this.#ask(payer, need);
    known.idle = 0;
    return success(known.held.take(need, { nowMs: this.#clock.nowMs() }));
  }

  order(order: LeaseOrder): void {
    if (order.kind === 'recalled') this.#recall(order);
    else if (order.kind === 'noted') this.#note(order);
    else this.#answered(order);
  }

  /** The arbiter is gone. */
  lost(): void {
    this.#isLost = true;
    for (const { answer } of this.#asked.values()) answer(failure(unavailable));
  }

  #ask({ keyId, tenant }: Payer, need: Need): Promise<Reserved> {
    if (this.#asked.size >= mostAsked) return Promise.resolve(failure(unavailable));
    this.#next += 1;
    const id = this.#next;
    const payer = { keyId, tenant };
    return new Promise((resolve) => {
      const cancel = this.#clock.after(answerWithinMs, () => answer(failure(unavailable)));
      const answer = (reserved: Reserved): void => {
        cancel();
        this.#asked.delete(id);
        resolve(reserved);
      };
      this.#asked.set(id, { payer, need, answer });
      this.#request(id, { payer, need });
    });
  }

  /** What was given back must be known before more is asked for. */
  #request(id: number, { payer, need }: Pick<Asked, 'payer' | 'need'>): void {
    if (this.#hasNews()) this.#send();
    this.#to.ask({ id, payer, need });
  }

  #answered(answer: LeaseAnswer): void {
    const asked = this.#asked.get(answer.id);
    if (answer.kind === 'refused') return asked?.answer(failure(answer.refusal));
    const slices = answer.parts.map((part) => this.#lent(part));
    // It came too late, and its request was refused: what was lent for it goes back with the next account.
    if (asked === undefined) return this.#tell();
    const held = new PayerSlices(asked.payer, slices, this.#outbox);
    // The clock went into another window meanwhile, in which this is worth nothing.
    if (!held.covers(asked.need, this.#clock.wallMs())) {
      for (const slice of slices) slice.giveUp();
      return this.#request(answer.id, asked);
    }
    this.#payers.delete(asked.payer.keyId);
    this.#payers.set(asked.payer.keyId, { held, idle: 0 });
    for (const keyId of this.#payers.keys()) if (this.#payers.size > mostPayers) this.#payers.delete(keyId);
    asked.answer(success(held.take(asked.need, { nowMs: this.#clock.nowMs() })));
  }

  #lent(part: LentPart): Slice {
    const slice = this.#slices.get(part.meter) ?? sliceOf(part);
    this.#slices.set(part.meter, slice);
    slice.lent(part);
    if (slice instanceof RateSlice) slice.heard(part.left);
    this.#touch(slice);
    return slice;
  }

  #recall({ recall, meters }: Extract<LeaseOrder, { kind: 'recalled' }>): void {
    this.#recalled = recall;
    for (const slice of meters === undefined ? this.#slices.values() : meters.flatMap((id) => this.#slices.get(id) ?? [])) {
      slice.recalled();
      this.#touch(slice);
    }
    // Whoever asks next hears which limits there are now.
    if (meters === undefined) this.#payers.clear();
    this.#send();
  }

  #note({ seq, tops, lefts }: Extract<LeaseOrder, { kind: 'noted' }>): void {
    this.#noted = seq;
    for (const [id, amount, span] of tops) {
      const slice = this.#slices.get(id);
      if (slice === undefined) this.#strays.push([id, amount]);
      else slice.lent({ amount, extra: 0, isStocked: true, span });
    }
    for (const [id, left] of lefts) {
      const slice = this.#slices.get(id);
      if (slice instanceof RateSlice) slice.heard(left);
    }
    if (this.#isHeldUp || this.#strays.length > 0) this.#tell();
  }

  #tell(): void {
    this.#isHeldUp = this.#seq - this.#noted >= mostUnnoted;
    if (!this.#isHeldUp && this.#hasNews()) this.#send();
    this.#tickSoon();
  }

  #hasNews(): boolean {
    return this.#outbox.slices.length > 0 || this.#outbox.payers.length > 0 || this.#strays.length > 0;
  }

  #send(): void {
    this.#seq += 1;
    const rows: OpenAccount = { spends: [], returns: this.#strays, rates: [], stocks: [], wishes: [], charged: [] };
    this.#strays = [];
    for (const slice of this.#outbox.slices.splice(0)) slice.tell(rows);
    for (const payer of this.#outbox.payers.splice(0)) payer.tell(rows.charged);
    this.#to.account({ seq: this.#seq, recalled: this.#recalled, sentAtMs: this.#clock.nowMs(), ...rows });
  }

  #tickSoon(): void {
    if (this.#isTicking || this.#isLost) return;
    this.#isTicking = true;
    this.#clock.after(tickMs, () => {
      this.#isTicking = false;
      this.#tick();
    });
  }

  #tick(): void {
    for (const [id, slice] of this.#slices) {
      slice.tick();
      if (slice.hasToGive) this.#touch(slice);
      if (slice.isOver) this.#slices.delete(id);
    }
    for (const [keyId, known] of this.#payers) {
      known.idle += 1;
      if (known.idle > idlePayerTicks) this.#payers.delete(keyId);
    }
    if (this.#slices.size > 0 || this.#payers.size > 0 || this.#hasNews()) this.#tell();
  }

  #touch(slice: Slice): void {
    if (slice.isTouched) return;
    slice.isTouched = true;
    this.#outbox.slices.push(slice);
  }
}

function sliceOf(part: LentPart): Slice {
  if (part.sort === 'spend') return new SpendSlice(part);
  return part.sort === 'rate' ? new RateSlice(part) : new GateSlice(part);
}
