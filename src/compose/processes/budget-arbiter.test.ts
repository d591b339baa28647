import { expect, test } from 'vitest';
import { BudgetArbiter, type ArbitratedRun } from './budget-arbiter.ts';
import { OwnKeeper } from '../../budget/own-keeper.ts';
import { sampleLimits, sampleNeed, samplePayer, sampleRules } from '../../budget/testing/sample-rules.ts';
import { SliceKeeper } from '../../budget/leases/slice-keeper.ts';
import { virtualClock } from '../../../test/support/virtual-clock.ts';
import type { ChargedRow } from '../../budget/leases/lease-message.ts';
import type { LimitRules } from '../../budget/limits.ts';
import type { Report } from './process-message.ts';
import type { Reserved } from '../../budget/limit-keeper.ts';

const ofTokens = (tokensPerDay: number): LimitRules => sampleRules({ whole: sampleLimits({ tokensPerDay }) });

/** A serving process beside the first, joined by calls where there would be a channel. */
class Sides {
  readonly clock = virtualClock();
  readonly own: OwnKeeper;
  readonly arbiter: BudgetArbiter;
  /** What the ledger says; undefined while it cannot be read. */
  charged: ChargedRow[] | undefined = [];
  /** What the process says is lost from here on. */
  isCut = false;
  run: ArbitratedRun;
  far: SliceKeeper;

  constructor(rules: LimitRules) {
    this.own = new OwnKeeper(rules, () => [], this.clock);
    this.arbiter = new BudgetArbiter(Promise.resolve(this.own), { clock: this.clock, firstMark: 254, readCharged: () => this.charged });
    [this.run, this.far] = this.begin(rules);
  }

  begin(rules: LimitRules): [ArbitratedRun, SliceKeeper] {
    const run = this.arbiter.run(0, (order) => order.kind === 'lease' && far.order(order.order));
    const say = (report: Report): void => void (this.isCut || run.heard(report));
    const to = {
      ask: (ask) => say({ kind: 'lease-ask', ask }),
      account: (account) => say({ kind: 'lease-account', account }),
    } satisfies ConstructorParameters<typeof SliceKeeper>[1];
    const far = new SliceKeeper(rules, to, this.clock);
    return [run, far];
  }

  async reserve(requestId: string, mostTokens: number): Promise<Reserved> {
    return this.far.reserve(samplePayer, requestId, sampleNeed({ mostTokens }));
  }

  settle(reserved: Reserved, tokens: number): void {
    if (reserved.ok) reserved.value.settle({ tokens, nanoUsd: 0 }, this.clock.wallMs());
  }

  serving(): void {
    this.run.heard({ kind: 'serving', url: '', endpoints: [] });
  }

  pass(ms: number): void {
    const untilMs = this.clock.nowMs() + ms;
    let isOver = false;
    this.clock.after(ms, () => (isOver = true));
    while (!isOver && this.clock.nowMs() <= untilMs) this.clock.step();
  }

  sums(): unknown {
    const [whole] = this.own.budgets.standing(this.clock.wallMs(), (meter) => this.arbiter.stockOf(meter));
    return whole === undefined ? undefined : [whole.spent, whole.reserved];
  }
}

test('S26: what one process reserves and settles counts in the first, once', async () => {
  const sides = new Sides(ofTokens(100));
  const reserved = await sides.reserve('a', 60);
  expect([reserved.ok, sides.sums()]).toEqual([true, [0, 60]]);
  const second = await sides.reserve('b', 60);
  expect(second.ok ? undefined : second.failure.fault.code).toBe('budget_reserved');
  for (let turn = 0; turn < 2; turn += 1) sides.settle(reserved, 50);
  expect(sides.sums()).toEqual([50, 0]);
});

test('where there is plenty a process lets requests through by itself, even while the first says nothing, and never more than it has', async () => {
  const sides = new Sides(ofTokens(100_000));
  sides.settle(await sides.reserve('a', 10), 10);
  sides.isCut = true;
  let here = 0;
  for (let sent = 0; sent < 30; sent += 1) {
    if (!(sides.far.reserve(samplePayer, `b${sent}`, sampleNeed({ mostTokens: 10 })) instanceof Promise)) here += 1;
  }
  expect(here).toBe(16);
});

test('what a process that died was lent stays so until the ledger says what it charged; what it had told is not counted twice', async () => {
  const sides = new Sides(ofTokens(100));
  const held: Reserved[] = [];
  for (const id of ['a', 'b', 'c']) held.push(await sides.reserve(id, 30));
  const [a, b] = held;
  if (a === undefined || b === undefined) throw new Error('nothing was held');
  sides.settle(a, 10);
  sides.isCut = true;
  sides.settle(b, 20);
  sides.run.ended();
  expect(sides.sums()).toEqual([10, 60]);
  sides.isCut = false;
  sides.charged = undefined;
  [sides.run, sides.far] = sides.begin(ofTokens(100));
  sides.serving();
  sides.pass(6000);
  // Nothing is free while nobody knows what was charged.
  expect(sides.sums()).toEqual([10, 60]);
  sides.charged = [{ ...samplePayer, second: 0, tokens: 30, nanoUsd: 0 }];
  sides.pass(6000);
  expect(sides.sums()).toEqual([30, 0]);
});

test('a limit that changes is kept by all from then on: what was lent by the old one comes back', async () => {
  const sides = new Sides(ofTokens(100_000));
  sides.settle(await sides.reserve('a', 10), 10);
  const less = ofTokens(50);
  sides.own.change(less, () => []);
  sides.arbiter.changed();
  sides.far.change(less);
  expect(sides.sums()).toEqual([10, 0]);
  const held = await sides.reserve('b', 40);
  const more = await sides.reserve('c', 1);
  expect([held.ok, more.ok]).toEqual([true, false]);
});

test('without the first process, or without its answer, what needs it is refused, and what comes too late is given back', async () => {
  const sides = new Sides(ofTokens(100));
  sides.isCut = true;
  const waiting = sides.reserve('a', 10);
  sides.pass(5001);
  const late = await waiting;
  expect(late.ok ? undefined : late.failure.fault.code).toBe('limits_unavailable');
  sides.isCut = false;
  sides.run.heard({ kind: 'lease-ask', ask: { id: 1, payer: samplePayer, need: sampleNeed({ mostTokens: 10 }) } });
  expect(sides.sums()).toEqual([0, 0]);
  sides.far.lost();
  const after = await sides.reserve('c', 10);
  expect(after.ok).toBe(false);
  expect(sides.far.kindsOf(samplePayer)).toEqual({ money: false, budget: true });
});
