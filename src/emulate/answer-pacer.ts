import { sleep, type Clock } from '../std/clock.ts';
import type { EmulatedBatch, Ticket } from './emulated-batch.ts';
import type { FaultSwitch } from './emulator-fault.ts';
import type { EmulatorProfile } from './emulator-profile.ts';
import type { HoldMeter } from './hold-report.ts';
import { tpotMs, ttftMs } from './pace.ts';
import { planAnswer, planEvent, type EmissionPlan } from './plan-emission.ts';

/** Timers count whole milliseconds, so what is due within half of one is not waited for. */
const timerGrainMs = 0.5;

export interface PacerParts {
  readonly profile: EmulatorProfile;
  readonly clock: Clock;
  readonly batch: EmulatedBatch;
  readonly ticket: Ticket;
  readonly faults: FaultSwitch;
  readonly meter: HoldMeter;
  readonly signal: AbortSignal;
  readonly admittedMs: number;
  /** A first guess, until the engine tells the real number. */
  readonly promptTokens: number;
  /** This request's jitter: its times are multiplied by it. */
  readonly jitter: number;
}

/** How an event came from the engine: without both figures, this machine's own lateness would be put on the engine. */
export interface Arrival {
  readonly arrivedMs: number;
  /** How long it was waited for once everything before it had gone. */
  readonly waitedMs: number;
}

/** Holds each event of one answer back until the emulated chip would have produced it, and measures how well. */
export class AnswerPacer {
  readonly #parts: PacerParts;
  #plan: EmissionPlan | undefined;
  #promptTokens: number;
  #firstDueMs = 0;
  #firstSentMs = 0;
  #lastSentMs = 0;
  #disturbed = false;

  constructor(parts: PacerParts) {
    this.#parts = parts;
    this.#promptTokens = parts.promptTokens;
    parts.ticket.hold(parts.promptTokens);
  }

  /** Tokens released so far. */
  get tokens(): number {
    return this.#plan?.tokens ?? 0;
  }

  /** The prompt's real length; it no longer matters once the first token is planned. */
  learnPrompt(tokens: number): void {
    this.#promptTokens = tokens;
    this.#parts.ticket.hold(tokens + this.tokens);
  }

  /** A fault changed this answer's times, so from here on they say nothing about the machine. */
  disturb(): void {
    this.#disturbed = true;
  }

  /** The client did not take what was sent, so the times that follow are its own. */
  clientHeldUp(): void {
    this.#disturbed = true;
    this.#parts.meter.clientHeldUp();
  }

  /** Waits until an event of `tokens` tokens is due, or until the request is aborted. */
  async until(tokens: number, arrival: Arrival): Promise<void> {
    const { clock, signal } = this.#parts;
    const plan = this.#advance(tokens);
    while (!signal.aborted && plan.dueMs - clock.nowMs() > timerGrainMs) await sleep(clock, plan.dueMs - clock.nowMs(), signal);
    if (tokens > 0 && !signal.aborted) this.#measure(plan, tokens, Math.min(arrival.waitedMs, Math.max(0, arrival.arrivedMs - plan.dueMs)));
  }

  /** Reports the answer as a whole once it was sent to its end. */
  finish(): void {
    const plan = this.#plan;
    if (plan === undefined || plan.tokens === 0 || this.#disturbed) return;
    this.#parts.meter.answer({
      tokens: plan.tokens,
      plannedMs: plan.dueMs - plan.startedMs,
      tookMs: this.#lastSentMs - plan.startedMs,
      plannedFirstMs: this.#firstDueMs - plan.startedMs,
      tookFirstMs: this.#firstSentMs - plan.startedMs,
    });
  }

  #advance(tokens: number): EmissionPlan {
    const { profile, batch, admittedMs, ticket } = this.#parts;
    const load = batch.load();
    const before = this.#plan ?? planAnswer(admittedMs, ttftMs(profile, this.#promptTokens, load) * this.#slowness());
    this.#plan = planEvent(before, tokens, tpotMs(profile, load) * this.#slowness());
    if (tokens > 0) ticket.hold(this.#promptTokens + this.#plan.tokens);
    return this.#plan;
  }

  #slowness(): number {
    const fault = this.#parts.faults.current();
    return this.#parts.jitter * (fault?.kind === 'slow' ? fault.factor : 1);
  }

  #measure(plan: EmissionPlan, tokens: number, engineLateMs: number): void {
    const nowMs = this.#parts.clock.nowMs();
    if (plan.tokens === tokens) {
      this.#firstDueMs = plan.dueMs;
      this.#firstSentMs = nowMs;
    }
    this.#lastSentMs = nowMs;
    if (this.#disturbed) return;
    this.#parts.meter.event(nowMs - plan.dueMs, engineLateMs);
  }
}
