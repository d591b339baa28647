import { expect, test } from 'vitest';
import { Budgets } from '../budgets.ts';
import { LeaseBook } from './lease-book.ts';
import { sampleLimits, sampleNeed, samplePayer, sampleRules } from '../testing/sample-rules.ts';
import { SliceKeeper } from './slice-keeper.ts';
import type { Clock } from '../../std/clock.ts';
import type { LimitRules } from '../limits.ts';
import type { Need, Reservation } from '../reservation.ts';
import type { Reserved } from '../limit-keeper.ts';

const dayMs = 86_400_000;

/** Two holders and their arbiter, who hear each other at once. */
class Desk {
  nowMs = 1000;
  wallMs = Date.parse('2026-06-15T12:00:00Z');
  readonly #timers: { atMs: number; run: () => void }[] = [];
  readonly clock: Clock = {
    nowMs: () => this.nowMs,
    wallMs: () => this.wallMs,
    after: (delayMs, run) => {
      const timer = { atMs: this.nowMs + delayMs, run };
      this.#timers.push(timer);
      return () => void this.#timers.splice(this.#timers.indexOf(timer), 1);
    },
  };
  readonly holders: readonly SliceKeeper[];

  constructor(rules: Partial<LimitRules>) {
    const limits = sampleRules(rules);
    const book = new LeaseBook(new Budgets(limits, () => [], this.wallMs));
    this.holders = [0, 1].map((index) => {
      const at = (): { nowMs: number; wallMs: number } => ({ nowMs: this.nowMs, wallMs: this.wallMs });
      const holder: SliceKeeper = new SliceKeeper(
        limits,
        { ask: (ask) => book.ask(index, ask, at()), account: (account) => book.account(index, account, at()) },
        this.clock,
      );
      book.joined(index, (order) => holder.order(order), this.wallMs);
      return holder;
    });
  }

  async ask(holder: number, need: Partial<Need>): Promise<Reserved | undefined> {
    return this.holders[holder]?.reserve(samplePayer, 'r', sampleNeed(need));
  }

  async held(holder: number, need: Partial<Need>): Promise<Reservation> {
    const reserved = await this.ask(holder, need);
    if (reserved?.ok !== true) throw new Error(`refused: ${reserved?.failure.fault.code}`);
    return reserved.value;
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.wallMs += ms;
    for (const timer of this.#timers.filter(({ atMs }) => atMs <= this.nowMs)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.run();
    }
  }
}

test('what was lent on a day that the clock is set back from is worth nothing on the day before', async () => {
  const desk = new Desk({ whole: sampleLimits({ tokensPerDay: 1000 }) });
  (await desk.held(0, { mostTokens: 990 })).settle({ tokens: 990, nanoUsd: 0 }, desk.wallMs);
  desk.wallMs += dayMs;
  (await desk.held(0, { mostTokens: 5 })).settle({ tokens: 0, nanoUsd: 0 }, desk.wallMs);
  desk.wallMs -= dayMs;
  const asked: unknown[] = [];
  for (let sent = 0; sent < 5; sent += 1) asked.push((await desk.ask(0, { mostTokens: 5 }))?.ok);
  expect(asked).toEqual([true, true, false, false, false]);
});

test('a stock that one holds and another needs comes back, and nothing is refused before all is used', async () => {
  const desk = new Desk({ eachKey: sampleLimits({ tokensPerDay: 1000, concurrentRequests: 100 }) });
  const asked: unknown[] = [];
  for (let sent = 0; sent < 101; sent += 1) asked.push((await desk.ask(sent < 20 ? 0 : sent % 2, { mostTokens: 10 }))?.ok);
  expect([asked.slice(0, 100).every((ok) => ok), asked[100]]).toEqual([true, false]);
});

test('rates are told by the arbiter’s last word and what was used here since', async () => {
  const desk = new Desk({ eachKey: sampleLimits({ requestsPerMinute: 1000, tokensPerMinute: 100_000 }) });
  const remaining = async (holder: number): Promise<unknown> => {
    const { standing } = await desk.held(holder, { rateTokens: 10 });
    return [standing?.requests?.remaining, standing?.tokens?.remaining, standing?.requests?.resetMs];
  };
  expect([await remaining(0), await remaining(0)]).toEqual([
    [999, 99_990, 60_250],
    [998, 99_980, 60_250],
  ]);
  await remaining(1);
  // What the other used is heard with the answer to the next account.
  desk.wait(200);
  await remaining(0);
  desk.wait(200);
  expect(await remaining(0)).toEqual([995, 99_950, 60_000 + 250 - (desk.nowMs % 250)]);
});

test('a holder that nobody asks for long remembers nothing', async () => {
  const desk = new Desk({ eachKey: sampleLimits({ tokensPerDay: 1_000_000 }) });
  (await desk.held(0, { mostTokens: 10 })).settle({ tokens: 10, nanoUsd: 0 }, desk.wallMs);
  expect(desk.holders[0]?.size).toBeGreaterThan(0);
  for (let turn = 0; turn < 100; turn += 1) desk.wait(200);
  expect(desk.holders[0]?.size).toBe(0);
});
