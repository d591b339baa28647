import { Budgets } from '../../src/budget/budgets.ts';
import { LeaseBook, recallPatienceMs } from '../../src/budget/leases/lease-book.ts';
import { LeaseTruth } from './lease-truth.ts';
import { sampleNeed } from '../../src/budget/testing/sample-rules.ts';
import { seededRandom } from '../../src/std/random.ts';
import { SliceKeeper } from '../../src/budget/leases/slice-keeper.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import type { Clock } from '../../src/std/clock.ts';
import type { LimitRules, Payer } from '../../src/budget/limits.ts';
import type { Moment, Need, Reservation } from '../../src/budget/reservation.ts';
import type { SpentRow } from '../../src/budget/opening-sums.ts';

export interface LeaseScene {
  readonly rules: LimitRules;
  readonly payers: readonly Payer[];
  readonly holders: number;
  readonly requests: number;
  /** The pause between two requests, on average. */
  readonly everyMs: number;
  readonly lastsMs: number;
  readonly mostDelayMs: number;
  readonly most: Need;
  readonly beginsAtWallMs: number;
  /** Processes that die on the way, and whether the wall clock is set back. */
  readonly deaths: number;
  readonly setBackMs: number;
}

interface Run {
  readonly id: number;
  readonly keeper: SliceKeeper;
  readonly open: Map<number, { readonly payer: Payer; readonly need: Need; readonly held: Reservation; readonly atMs: number }>;
  isDead: boolean;
}

const mostTellingMs = 5000;
const closedAfterMs = 5000;

/** Several holders and their arbiter under virtual time: what each says takes a while, and holders die. */
export class LeaseWorld {
  readonly truth: LeaseTruth;
  readonly budgets: Budgets;
  readonly book: LeaseBook;
  readonly #clock = virtualClock();
  readonly #scene: LeaseScene;
  readonly #random: () => number;
  readonly #runs: Run[] = [];
  #setBackMs = 0;
  #nextRun = 1;
  #nextRequest = 1;
  admittedHere = 0;
  messages = 0;

  constructor(scene: LeaseScene, seed: number) {
    this.#scene = scene;
    this.#random = seededRandom(seed);
    this.truth = new LeaseTruth(scene.rules, scene.mostDelayMs);
    this.budgets = new Budgets(scene.rules, (): readonly SpentRow[] => [], this.at().wallMs);
    this.book = new LeaseBook(this.budgets);
  }

  get keepers(): readonly SliceKeeper[] {
    return this.#runs.filter(({ isDead }) => !isDead).map(({ keeper }) => keeper);
  }

  at(): Moment {
    return { nowMs: this.#clock.nowMs(), wallMs: this.#scene.beginsAtWallMs + this.#clock.nowMs() - this.#setBackMs };
  }

  async play(): Promise<void> {
    const { holders, requests, everyMs, deaths, setBackMs } = this.#scene;
    for (let place = 0; place < holders; place += 1) this.#begin(place);
    const span = requests * everyMs;
    for (let sent = 0; sent < requests; sent += 1) this.#clock.after(this.#random() * span, () => this.#send());
    for (let death = 0; death < deaths; death += 1) this.#clock.after(this.#random() * span, () => this.#kill(Math.floor(this.#random() * holders)));
    if (setBackMs > 0) this.#clock.after(0.6 * span, () => this.#setBack(setBackMs));
    this.#lateSoon();
    const endMs = span + this.#scene.lastsMs + 120_000;
    while (this.#clock.nowMs() < endMs && this.#clock.step()) for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    this.truth.judge();
  }

  #setBack(ms: number): void {
    this.#setBackMs = ms;
    this.truth.clockWasSet();
  }

  #lateSoon(): void {
    this.#clock.after(recallPatienceMs / 2, () => {
      this.book.late(this.at());
      this.#lateSoon();
    });
  }

  /** A holder whose monotonic clock began at another time than the arbiter's. */
  #begin(place: number): void {
    const id = this.#nextRun;
    this.#nextRun += 1;
    const beganMs = Math.floor(this.#random() * 100_000);
    const clock: Clock = { nowMs: () => this.#clock.nowMs() + beganMs, wallMs: () => this.at().wallMs, after: this.#clock.after };
    const up = this.#channel();
    const down = this.#channel();
    const keeper = new SliceKeeper(
      this.#scene.rules,
      {
        ask: (ask) => !run.isDead && up(() => this.book.ask(id, ask, this.at())),
        account: (account) => !run.isDead && up(() => this.book.account(id, structuredClone(account), this.at())),
      },
      clock,
    );
    const run: Run = { id, keeper, open: new Map(), isDead: false };
    this.book.joined(id, (order) => down(() => !run.isDead && keeper.order(structuredClone(order))), this.at().wallMs);
    this.#runs[place] = run;
  }

  /** Messages take a while each, and keep their order. */
  #channel(): (deliver: () => void) => void {
    const queue: (() => void)[] = [];
    return (deliver) => {
      this.messages += 1;
      queue.push(deliver);
      this.#clock.after(this.#random() ** 3 * this.#scene.mostDelayMs, () => queue.shift()?.());
    };
  }

  #send(): void {
    const { payers, most, lastsMs } = this.#scene;
    const payer = payers[Math.floor(this.#random() * payers.length)];
    const run = this.#runs[Math.floor(this.#random() * this.#runs.length)];
    if (payer === undefined || run === undefined || run.isDead) return;
    const up = (amount: number): number => 1 + Math.floor(this.#random() * amount);
    const need = sampleNeed({ mostTokens: up(most.mostTokens), mostNanoUsd: up(most.mostNanoUsd), rateTokens: up(most.rateTokens) });
    const id = this.#nextRequest;
    this.#nextRequest += 1;
    const askedAt = this.at();
    const asked = run.keeper.reserve(payer, String(id), need);
    if (!(asked instanceof Promise)) this.admittedHere += 1;
    void Promise.resolve(asked).then((reserved) => {
      if (run.isDead) return;
      if (!reserved.ok) return this.truth.refused(payer, need, reserved.failure.fault, askedAt, this.at());
      this.truth.admitted(id, payer, need, this.at());
      run.open.set(id, { payer, need, held: reserved.value, atMs: this.at().nowMs });
      this.#clock.after(this.#random() ** 2 * lastsMs, () => this.#settle(run, id));
    });
  }

  #settle(run: Run, id: number): void {
    const open = run.open.get(id);
    if (open === undefined || run.isDead) return;
    run.open.delete(id);
    const part = this.#random() < 0.1 ? 0 : this.#random();
    const spent = { tokens: Math.floor(open.need.mostTokens * part), nanoUsd: Math.floor(open.need.mostNanoUsd * part) };
    // What was reserved of a limit a minute is no less than what was used, so that the model can say what is over.
    const told = { ...spent, tokens: Math.min(spent.tokens, open.need.rateTokens) };
    open.held.settle(told, this.at().wallMs);
    this.truth.settled(id, told, run.id, this.at());
  }

  #kill(place: number): void {
    const run = this.#runs[place];
    if (run === undefined || run.isDead) return;
    run.isDead = true;
    this.truth.died([...run.open.keys()], this.at());
    this.#clock.after(this.#random() * 50, () => this.book.left(run.id, this.at()));
    this.#clock.after(this.#random() * mostTellingMs + 100, () => {
      this.#begin(place);
      this.#readLedger(run);
      this.#clock.after(closedAfterMs, () => {
        this.#readLedger(run);
        this.book.closed(run.id);
        this.truth.closed(this.at());
      });
    });
  }

  #readLedger(run: Run): void {
    const since = this.book.untoldSinceWallMs(run.id);
    if (since !== undefined) this.book.charged(run.id, this.truth.chargedBy(run.id, since), this.at().wallMs);
  }
}
