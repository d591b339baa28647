import { Account, type AccountSurroundings } from './account.ts';
import { Calendar } from './calendar.ts';
import { Guard, type Meter } from './guard.ts';
import { limitKinds, limitsOf, type Level, type LimitRules, type Limits, type Payer, type Period } from './limits.ts';
import { OpeningSums, type ReadSpent } from './opening-sums.ts';
import { toUsd } from './nano-usd.ts';
import type { SpendMeter } from './spend-meter.ts';

/** How one budget stands, for operators: in US dollars or tokens. */
export interface BudgetStanding {
  readonly level: Level;
  /** The key's or the team's id; empty for the whole. */
  readonly id: string;
  readonly of: 'usd' | 'tokens';
  readonly period: Period;
  readonly most: number;
  readonly spent: number;
  readonly reserved: number;
  readonly endsAtWallMs: number;
}

/**
 * All limits with what counts against them. It stands once for all that serve: in the one process, or in the first of
 * several. Meters are made at their first request and begin with what the ledger says was spent.
 */
export class Budgets {
  #rules: LimitRules;
  #calendar: Calendar;
  #opening: OpeningSums;
  readonly #accounts = new Map<string, Account>();
  readonly #guards = new Map<string, Guard>();

  constructor(rules: LimitRules, readSpent: ReadSpent, wallMs: number) {
    this.#rules = rules;
    this.#calendar = new Calendar(rules.timeZone);
    this.#opening = new OpeningSums(this.#calendar, wallMs, readSpent);
  }

  /** Other limits from now on. `readSpent` must tell all that was charged so far: a limit that is new begins with it. */
  change(rules: LimitRules, readSpent: ReadSpent, wallMs: number): void {
    if (rules.timeZone !== this.#rules.timeZone) this.#calendar = new Calendar(rules.timeZone);
    this.#rules = rules;
    this.#opening = new OpeningSums(this.#calendar, wallMs, readSpent);
    this.#guards.clear();
    for (const account of this.#accounts.values()) account.limit(this.#limitsFor(account.level, account.id), this.#around(wallMs));
  }

  /** Who stands before this payer's requests; undefined where nothing limits them. */
  guardOf(payer: Payer, wallMs: number): Guard | undefined {
    const known = this.#guards.get(payer.keyId);
    if (known !== undefined) return known;
    if (limitKinds(this.#rules, payer) === undefined) return undefined;
    const accounts = [this.#account('key', payer.keyId, wallMs), this.#account('team', payer.tenant, wallMs), this.#account('whole', '', wallMs)];
    const guard = new Guard({
      spends: accounts.flatMap(({ meters }) => meters.spends),
      rates: accounts.flatMap(({ meters }) => meters.rates),
      gates: accounts.flatMap(({ meters }) => meters.gates),
    });
    this.#guards.set(payer.keyId, guard);
    return guard;
  }

  /** Every meter there is at present. */
  meters(): readonly Meter[] {
    return [...this.#accounts.values()].flatMap(({ meters }) => [...meters.spends, ...meters.rates, ...meters.gates]);
  }

  /**
   * How the budgets stand of whoever asked for anything since the start. `stockOf`: how much of what is reserved no
   * request holds, since another process has it in stock.
   */
  standing(wallMs: number, stockOf: (meter: SpendMeter) => number = () => 0): readonly BudgetStanding[] {
    return [...this.#accounts.values()].flatMap(({ level, id, meters }) =>
      meters.spends.map((meter) => {
        const { of, period } = meter.kind;
        const said = (amount: number): number => (of === 'usd' ? toUsd(amount) : amount);
        const endsAtWallMs = meter.window(wallMs).endMs;
        return {
          level,
          id,
          of,
          period,
          most: said(meter.most),
          spent: said(meter.spent(wallMs)),
          reserved: said(meter.reserved - stockOf(meter)),
          endsAtWallMs,
        };
      }),
    );
  }

  #account(level: Level, id: string, wallMs: number): Account {
    const name = `${level} ${id}`;
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const account = new Account(level, id).limit(this.#limitsFor(level, id), this.#around(wallMs));
    this.#accounts.set(name, account);
    return account;
  }

  #limitsFor(level: Level, id: string): Limits {
    const { whole, teams, eachTeam, keys, eachKey } = this.#rules;
    if (level === 'whole') return whole;
    return level === 'team' ? limitsOf(teams.get(id), eachTeam) : limitsOf(keys.get(id), eachKey);
  }

  #around(wallMs: number): AccountSurroundings {
    return { calendar: this.#calendar, opening: this.#opening, wallMs };
  }
}
