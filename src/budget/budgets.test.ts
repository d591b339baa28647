import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Budgets } from './budgets.ts';
import { nothingSpent, type Need, type Refusal, type Reservation, type Spent } from './reservation.ts';
import { replayable } from '../std/testing/replayable.ts';
import { sampleLimits, sampleNeed, samplePayer, sampleRules } from './testing/sample-rules.ts';
import type { LimitRules, Payer } from './limits.ts';
import type { Result } from '../std/result.ts';
import type { SpentRow } from './opening-sums.ts';

const dayMs = 86_400_000;
const noonMs = Date.parse('2026-06-15T12:00:00Z');
const nothingYet = (): readonly SpentRow[] => [];

class Desk {
  readonly budgets: Budgets;
  nowMs = 1000;
  wallMs = noonMs;

  constructor(rules: Partial<LimitRules>, readSpent: () => readonly SpentRow[] = nothingYet) {
    this.budgets = new Budgets(sampleRules(rules), readSpent, this.wallMs);
  }

  reserve(need: Partial<Need>, payer: Payer = samplePayer): Result<Reservation, Refusal> {
    const guard = this.budgets.guardOf(payer, this.wallMs);
    if (guard === undefined) throw new Error('nothing limits this payer');
    return guard.reserve(sampleNeed(need), { nowMs: this.nowMs, wallMs: this.wallMs });
  }

  /** The code of the refusal, or what is held. */
  ask(need: Partial<Need>, payer: Payer = samplePayer): Reservation | string {
    const reserved = this.reserve(need, payer);
    return reserved.ok ? reserved.value : reserved.failure.fault.code;
  }

  held(need: Partial<Need>, payer: Payer = samplePayer): Reservation {
    const held = this.ask(need, payer);
    if (typeof held === 'string') throw new Error(`refused: ${held}`);
    return held;
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.wallMs += ms;
  }
}

const perKey = (limits: Parameters<typeof sampleLimits>[0]): Partial<LimitRules> => ({ eachKey: sampleLimits(limits) });
const tokens = (count: number): Spent => ({ tokens: count, nanoUsd: 0 });

test('whoever has no limit meets nobody, and whoever has one at any level does', () => {
  const { budgets, wallMs } = new Desk({ teams: new Map([['t1', sampleLimits({ usdPerDay: 1 })]]) });
  expect(budgets.guardOf({ keyId: 'k9', tenant: 't9' }, wallMs)).toBeUndefined();
  expect(budgets.guardOf(samplePayer, wallMs)).toBeDefined();
});

test('of 1,000 equal requests at once, a budget for 500 takes exactly 500', () => {
  const desk = new Desk({ whole: sampleLimits({ usdPerDay: 0.5 }) });
  const asked = Array.from({ length: 1000 }, () => desk.ask({ mostNanoUsd: 1_000_000 }));
  const held = asked.filter((one) => typeof one !== 'string');
  expect(held.length).toBe(500);
  for (const one of held) one.settle({ tokens: 0, nanoUsd: 1_000_000 }, desk.wallMs);
  expect(desk.ask({ mostNanoUsd: 1 })).toBe('insufficient_quota');
  expect(desk.budgets.standing(desk.wallMs)).toMatchObject([{ most: 0.5, spent: 0.5, reserved: 0 }]);
});

test('what is only reserved by others is said as such, and given back for the next', () => {
  const desk = new Desk(perKey({ tokensPerDay: 100 }));
  const first = desk.held({ mostTokens: 80 });
  const second = desk.reserve({ mostTokens: 80 });
  expect(second.ok ? undefined : second.failure.fault).toMatchObject({ code: 'budget_reserved', retryAfterMs: 2000 });
  first.settle(tokens(20), desk.wallMs);
  expect(typeof desk.ask({ mostTokens: 80 })).toBe('object');
});

test('what is settled twice counts once, and never more than was reserved', () => {
  const desk = new Desk(perKey({ tokensPerDay: 100 }));
  const held = desk.held({ mostTokens: 40 });
  held.settle(tokens(1000), desk.wallMs);
  held.settle(tokens(1000), desk.wallMs);
  expect(desk.budgets.standing(desk.wallMs)).toMatchObject([{ spent: 40, reserved: 0 }]);
});

test('a request that one level refuses leaves no trace at the others', () => {
  const many = { concurrentRequests: 9, requestsPerMinute: 9 };
  const desk = new Desk({ whole: sampleLimits({ tokensPerDay: 10, ...many }), ...perKey({ tokensPerDay: 100, ...many }) });
  expect(desk.ask({ mostTokens: 11 })).toBe('insufficient_quota');
  expect(desk.budgets.standing(desk.wallMs).map(({ spent, reserved }) => spent + reserved)).toEqual([0, 0]);
  const held = desk.held({ mostTokens: 10 });
  expect(held.standing?.requests).toMatchObject({ limit: 9, remaining: 8 });
});

test('keys of one team share its budget, and keys of another do not', () => {
  const desk = new Desk({ eachTeam: sampleLimits({ tokensPerMonth: 100 }) });
  desk.held({ mostTokens: 60 }, { keyId: 'a', tenant: 'x' });
  expect(desk.ask({ mostTokens: 60 }, { keyId: 'b', tenant: 'x' })).toBe('budget_reserved');
  expect(typeof desk.ask({ mostTokens: 60 }, { keyId: 'c', tenant: 'y' })).toBe('object');
});

test('a new day gives the budget anew, less what still runs; a clock set back finds what was spent', () => {
  const desk = new Desk(perKey({ tokensPerDay: 100 }));
  desk.held({ mostTokens: 70 }).settle(tokens(70), desk.wallMs);
  const running = desk.held({ mostTokens: 30 });
  desk.wallMs += dayMs;
  expect(desk.ask({ mostTokens: 80 })).toBe('budget_reserved');
  running.settle(tokens(30), desk.wallMs);
  expect(typeof desk.ask({ mostTokens: 70 })).toBe('object');
  desk.wallMs -= dayMs;
  expect(desk.ask({ mostTokens: 40 })).toBe('insufficient_quota');
  // An earlier day than was ever seen is not a fresh one.
  desk.wallMs -= 5 * dayMs;
  expect(desk.ask({ mostTokens: 40 })).toBe('insufficient_quota');
});

test('within no minute more than the limit is let through, and whoever is refused is told when to come', () => {
  const desk = new Desk(perKey({ requestsPerMinute: 3, tokensPerMinute: 1000 }));
  for (let sent = 0; sent < 3; sent += 1) desk.held({ rateTokens: 100 }).settle(tokens(100), desk.wallMs);
  const refused = desk.reserve({ rateTokens: 100 });
  const fault = refused.ok ? undefined : refused.failure.fault;
  expect(fault?.code).toBe('rate_limit_exceeded');
  desk.wait((fault?.retryAfterMs ?? 0) - 1);
  expect(desk.ask({ rateTokens: 100 })).toBe('rate_limit_exceeded');
  desk.wait(1);
  expect(typeof desk.ask({ rateTokens: 100 })).toBe('object');
});

test('a request that no minute can hold is not worth sending again', () => {
  const refused = new Desk(perKey({ tokensPerMinute: 100 })).reserve({ rateTokens: 101 });
  expect(refused.ok ? undefined : refused.failure.fault).toMatchObject({ code: 'rate_limit_exceeded', lasting: true });
});

test('tokens a minute count as reserved first and as used later', () => {
  const desk = new Desk(perKey({ tokensPerMinute: 100 }));
  const first = desk.held({ rateTokens: 90 });
  expect(desk.ask({ rateTokens: 20 })).toBe('rate_limit_exceeded');
  first.settle(tokens(10), desk.wallMs);
  expect(desk.held({ rateTokens: 90 }).standing?.tokens).toMatchObject({ limit: 100, remaining: 0 });
});

test('so many at once, and one more when one has ended', () => {
  const desk = new Desk(perKey({ concurrentRequests: 2 }));
  const first = desk.held({});
  desk.held({});
  expect(desk.ask({})).toBe('concurrency_limit_exceeded');
  first.settle(nothingSpent, desk.wallMs);
  expect(typeof desk.ask({})).toBe('object');
});

test('budgets begin with what the ledger says was spent, each level with its own', () => {
  const rows: SpentRow[] = [
    { keyId: 'k1', tenant: 't1', tokens: 30, nanoUsd: 0 },
    { keyId: 'k2', tenant: 't1', tokens: 50, nanoUsd: 0 },
    { keyId: 'k3', tenant: 't2', tokens: 100, nanoUsd: 0 },
  ];
  const each = sampleLimits({ tokensPerDay: 1000 });
  const desk = new Desk({ eachKey: each, eachTeam: each, whole: each }, () => rows);
  desk.held({}, { keyId: 'k1', tenant: 't1' });
  expect(desk.budgets.standing(desk.wallMs).map(({ level, spent }) => [level, spent])).toEqual([
    ['key', 30],
    ['team', 80],
    ['whole', 180],
  ]);
});

test('a limit that is changed keeps what was counted, and one that is new begins with the ledger', () => {
  const desk = new Desk(perKey({ tokensPerDay: 100 }));
  const running = desk.held({ mostTokens: 60 });
  const rules = sampleRules(perKey({ tokensPerDay: 70, tokensPerMonth: 500 }));
  desk.budgets.change(rules, () => [{ ...samplePayer, tokens: 400, nanoUsd: 0 }], desk.wallMs);
  expect(desk.ask({ mostTokens: 20 })).toBe('budget_reserved');
  running.settle(tokens(5), desk.wallMs);
  desk.held({ mostTokens: 20 });
  expect(desk.budgets.standing(desk.wallMs)).toMatchObject([
    { period: 'day', most: 70, spent: 5, reserved: 20 },
    { period: 'month', most: 500, spent: 400, reserved: 20 },
  ]);
});

interface Row {
  readonly key: 'a' | 'b' | 'c';
  readonly need: number;
}

const keyOf = { a: { keyId: 'a', tenant: 'x' }, b: { keyId: 'b', tenant: 'x' }, c: { keyId: 'c', tenant: 'y' } } as const;
const step = fc.oneof(
  fc.record({ kind: fc.constant('reserve' as const), key: fc.constantFrom('a', 'b', 'c'), need: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ kind: fc.constant('settle' as const), which: fc.nat(), part: fc.integer({ min: 0, max: 150 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.oneof(fc.integer({ min: 0, max: 3 * 3_600_000 }), fc.constant(dayMs)) }),
);

test('against a plain model of sums: it admits exactly what fits, no window is ever over, and what ended is gone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const most = { key: 100, team: 150, whole: 200, gate: 4 };
      const budget = (limit: number): ReturnType<typeof sampleLimits> => sampleLimits({ tokensPerDay: limit });
      const desk = new Desk({
        eachKey: sampleLimits({ tokensPerDay: most.key, concurrentRequests: most.gate }),
        eachTeam: budget(most.team),
        whole: budget(most.whole),
      });
      const open: (Row & { readonly held: Reservation })[] = [];
      const spent: (Row & { readonly day: number; readonly tokens: number })[] = [];
      const today = (): number => Math.floor(desk.wallMs / dayMs);
      const used = (own: (row: Row) => boolean): number =>
        open.filter(own).reduce((sum, { need }) => sum + need, 0) +
        spent.filter((row) => own(row) && row.day === today()).reduce((sum, row) => sum + row.tokens, 0);
      for (const one of steps) {
        if (one.kind === 'wait') desk.wait(one.ms);
        if (one.kind === 'reserve') {
          const { key, need } = one;
          const sameTeam = (row: Row): boolean => keyOf[row.key].tenant === keyOf[key].tenant;
          const fits =
            used((row) => row.key === key) + need <= most.key &&
            used(sameTeam) + need <= most.team &&
            used(() => true) + need <= most.whole &&
            open.filter((row) => row.key === key).length < most.gate;
          const held = desk.ask({ mostTokens: need }, keyOf[key]);
          expect(typeof held === 'object').toBe(fits);
          if (typeof held === 'object') open.push({ key, need, held });
        }
        if (one.kind === 'settle' && open.length > 0) {
          const [row] = open.splice(one.which % open.length, 1);
          if (row === undefined) continue;
          const used100 = Math.floor((row.need * one.part) / 100);
          row.held.settle(tokens(used100), desk.wallMs);
          row.held.settle(tokens(used100), desk.wallMs);
          spent.push({ ...row, day: today(), tokens: Math.min(row.need, used100) });
        }
        for (const { level, id, spent: counted, reserved, most: limit } of desk.budgets.standing(desk.wallMs)) {
          const own = (row: Row): boolean => level === 'whole' || (level === 'key' ? row.key === id : keyOf[row.key].tenant === id);
          expect(counted + reserved).toBe(used(own));
          expect(counted + reserved).toBeLessThanOrEqual(limit);
        }
      }
    }),
    replayable('src/budget/budgets.test.ts', 300),
  );
});
