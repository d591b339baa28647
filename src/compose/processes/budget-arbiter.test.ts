import { expect, test } from 'vitest';
import { BudgetArbiter, type ArbitratedRun } from './budget-arbiter.ts';
import { FarKeeper } from './far-keeper.ts';
import { OwnKeeper } from '../../budget/own-keeper.ts';
import { sampleLimits, sampleNeed, samplePayer, sampleRules } from '../../budget/testing/sample-rules.ts';
import { virtualClock } from '../../../test/support/virtual-clock.ts';
import type { Report } from './process-message.ts';
import type { Reserved } from '../../budget/limit-keeper.ts';
import type { SpentByRequest } from '../../ledger/read-spent.ts';

const rules = sampleRules({ whole: sampleLimits({ tokensPerDay: 100 }) });

/** A serving process beside the first, joined by calls where there would be a channel. */
class Sides {
  readonly clock = virtualClock();
  readonly own = new OwnKeeper(rules, () => [], this.clock);
  readonly charged: SpentByRequest[] = [];
  readonly #arbiter = new BudgetArbiter(
    Promise.resolve(this.own),
    (ids) => this.charged.filter(({ requestId }) => ids.includes(requestId)),
    this.clock,
  );
  /** What the process says is lost from here on. */
  isCut = false;
  run: ArbitratedRun;
  far: FarKeeper;

  constructor() {
    [this.run, this.far] = this.begin();
  }

  begin(): [ArbitratedRun, FarKeeper] {
    const run = this.#arbiter.run(0, (order) => {
      if (order.kind === 'reserved') far.reserved(order);
    });
    const far = new FarKeeper(rules, (report: Report) => (this.isCut ? undefined : run.heard(report)), this.clock);
    return [run, far];
  }

  reserve(requestId: string, mostTokens: number): Promise<Reserved> {
    return this.far.reserve(samplePayer, requestId, sampleNeed({ mostTokens }));
  }

  serving(): void {
    this.run.heard({ kind: 'serving', url: '', endpoints: [] });
  }

  sums(): unknown {
    const [whole] = this.own.budgets.standing(this.clock.wallMs());
    return whole === undefined ? undefined : [whole.spent, whole.reserved];
  }
}

test('S26: what one process reserves and settles counts in the first, once', async () => {
  const sides = new Sides();
  const reserved = await sides.reserve('a', 60);
  expect([reserved.ok, sides.sums()]).toEqual([true, [0, 60]]);
  const second = await sides.reserve('b', 60);
  expect(second.ok ? undefined : second.failure.fault.code).toBe('budget_reserved');
  if (reserved.ok) for (let turn = 0; turn < 2; turn += 1) reserved.value.settle({ tokens: 50, nanoUsd: 0 }, sides.clock.wallMs());
  expect(sides.sums()).toEqual([50, 0]);
});

test('what a process held when it died stays reserved until the ledger says what it was charged', async () => {
  const sides = new Sides();
  for (const id of ['a', 'b', 'c']) await sides.reserve(id, 30);
  sides.isCut = true;
  sides.run.ended();
  expect(sides.sums()).toEqual([0, 90]);
  sides.charged.push({ requestId: 'a', tokens: 10, nanoUsd: 0, settledAtWallMs: sides.clock.wallMs() });
  [sides.run, sides.far] = sides.begin();
  sides.serving();
  expect(sides.sums()).toEqual([10, 60]);
  // One more that another process was still bringing to the database.
  sides.charged.push({ requestId: 'b', tokens: 20, nanoUsd: 0, settledAtWallMs: sides.clock.wallMs() });
  sides.clock.step();
  expect(sides.sums()).toEqual([30, 0]);
});

test('without the first process, or without its answer, nothing that has limits is let through, and what comes too late is given back', async () => {
  const sides = new Sides();
  sides.isCut = true;
  const waiting = sides.reserve('a', 10);
  sides.clock.step();
  const late = await waiting;
  expect(late.ok ? undefined : late.failure.fault.code).toBe('limits_unavailable');
  sides.isCut = false;
  sides.run.heard({ kind: 'reserve', id: 1, payer: samplePayer, requestId: 'a', need: sampleNeed({ mostTokens: 10 }) });
  await expect.poll(() => sides.sums()).toEqual([0, 0]);
  const asked = sides.reserve('b', 10);
  sides.far.lost();
  const lost = await asked;
  const after = await sides.reserve('c', 10);
  expect([lost.ok, after.ok]).toEqual([false, false]);
  expect(sides.far.kindsOf(samplePayer)).toEqual({ money: false, budget: true });
});
