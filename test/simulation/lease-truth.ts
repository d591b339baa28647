import { Calendar } from '../../src/budget/calendar.ts';
import { limitsOf, type Limits, type LimitRules, type Payer } from '../../src/budget/limits.ts';
import { toNanoUsd } from '../../src/budget/nano-usd.ts';
import type { ChargedRow } from '../../src/budget/leases/lease-message.ts';
import type { Fault } from '../../src/std/error-catalogue.ts';
import type { Moment, Need, Spent } from '../../src/budget/reservation.ts';

interface Entry {
  readonly payer: Payer;
  readonly need: Need;
  readonly atMs: number;
  state: 'open' | 'settled' | 'dead';
  spent: Spent;
  endedAtMs: number;
  settledAtWallMs: number;
  run: number;
}

type Sort = 'usd' | 'tokens' | 'requestsPerMinute' | 'tokensPerMinute' | 'gate';

interface Limit {
  readonly name: string;
  readonly sort: Sort;
  readonly period: 'day' | 'month' | undefined;
  readonly most: number;
  readonly counts: (payer: Payer) => boolean;
}

const minuteMs = 60_000;
/** A slot of the holder and one of the arbiter: a request may wait so much longer than need be. */
const slotsMs = 500;
const tickMs = 200;

/** What really happened, by plain sums over all of it: it judges each admission and each refusal. */
export class LeaseTruth {
  readonly wrongs: string[] = [];
  admissions = 0;
  refusals = 0;
  readonly #rules: LimitRules;
  readonly #calendar: Calendar;
  readonly #entries = new Map<number, Entry>();
  readonly #slackMs: number;
  /** Until when a refusal may be for what nobody knows of. */
  #doubtfulUntilMs = 0;
  #deadProcesses = 0;
  #clockWasSet = false;
  readonly #toJudge: (() => void)[] = [];

  constructor(rules: LimitRules, mostDelayMs: number) {
    this.#rules = rules;
    this.#calendar = new Calendar(rules.timeZone);
    this.#slackMs = 2 * mostDelayMs + tickMs;
  }

  admitted(id: number, payer: Payer, need: Need, at: Moment): void {
    this.admissions += 1;
    for (const limit of this.#limitsOf(payer)) {
      const used = this.#used(limit, at, 0);
      const amount = amountOf(limit.sort, need);
      if (used + amount > limit.most)
        this.wrongs.push(`over at ${at.nowMs}: ${limit.name} has ${used}, and ${amount} more of ${limit.most} were admitted`);
    }
    const spent = { tokens: 0, nanoUsd: 0 };
    this.#entries.set(id, { payer, need, atMs: at.nowMs, state: 'open', spent, endedAtMs: 0, settledAtWallMs: 0, run: 0 });
  }

  refused(payer: Payer, need: Need, { code }: Fault, asked: Moment, at: Moment): void {
    this.refusals += 1;
    if (code === 'limits_unavailable') return void this.wrongs.push(`unavailable at ${at.nowMs}`);
    if (this.#deadProcesses > 0 || this.#clockWasSet || at.nowMs < this.#doubtfulUntilMs) return;
    this.#toJudge.push(() => {
      if (this.#wasFull(payer, need, asked, at)) return;
      this.wrongs.push(`refused for nothing (${code}) at ${at.nowMs}, asked at ${asked.nowMs}`);
    });
  }

  /** Once all is over: what was on its way when somebody was refused has come by then. */
  judge(): void {
    for (const judge of this.#toJudge.splice(0)) judge();
  }

  settled(id: number, spent: Spent, run: number, at: Moment): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) Object.assign(entry, { state: 'settled', spent, endedAtMs: at.nowMs, settledAtWallMs: at.wallMs, run });
  }

  died(ids: readonly number[], at: Moment): void {
    this.#deadProcesses += 1;
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) Object.assign(entry, { state: 'dead', endedAtMs: at.nowMs });
    }
  }

  closed({ nowMs }: Moment): void {
    this.#deadProcesses -= 1;
    this.#doubtfulUntilMs = nowMs + minuteMs;
  }

  clockWasSet(): void {
    this.#clockWasSet = true;
  }

  /** What the ledger says that a run charged. */
  chargedBy(run: number, sinceWallMs: number): readonly ChargedRow[] {
    const rows = new Map<string, ChargedRow>();
    for (const { payer, state, spent, settledAtWallMs, run: own } of this.#entries.values()) {
      if (state !== 'settled' || own !== run || settledAtWallMs < sinceWallMs) continue;
      const second = Math.floor(settledAtWallMs / 1000);
      const name = `${payer.keyId} ${second}`;
      const sum = rows.get(name);
      rows.set(name, { ...payer, second, tokens: (sum?.tokens ?? 0) + spent.tokens, nanoUsd: (sum?.nanoUsd ?? 0) + spent.nanoUsd });
    }
    return [...rows.values()];
  }

  /** What a budget must have spent in its present window. */
  spentOf(level: string, id: string, of: 'usd' | 'tokens', period: 'day' | 'month', wallMs: number): number {
    const counts = countsAt(level, id);
    return this.#sum((entry) => (counts(entry.payer) && this.#isCharged(entry, period, wallMs) ? chargeOf(of, entry.spent) : 0));
  }

  #limitsOf(payer: Payer): readonly Limit[] {
    const { whole, teams, eachTeam, keys, eachKey } = this.#rules;
    return [
      ...limitsAt('key', payer.keyId, limitsOf(keys.get(payer.keyId), eachKey)),
      ...limitsAt('team', payer.tenant, limitsOf(teams.get(payer.tenant), eachTeam)),
      ...limitsAt('whole', '', whole),
    ];
  }

  /** Whether there was no room at any moment that the decision may have been made by. */
  #wasFull(payer: Payer, need: Need, asked: Moment, at: Moment): boolean {
    const fromMs = asked.nowMs - this.#slackMs;
    const untilMs = at.nowMs + this.#slackMs;
    // What is used only ever grows by an admission.
    const moments = [asked.nowMs, at.nowMs, fromMs];
    for (const { atMs } of this.#entries.values()) if (atMs >= fromMs && atMs <= untilMs) moments.push(atMs);
    return this.#limitsOf(payer).some((limit) => {
      const room = limit.most - amountOf(limit.sort, need);
      return moments.some((nowMs) => this.#used(limit, { nowMs, wallMs: at.wallMs - (at.nowMs - nowMs) }, this.#slackMs) > room);
    });
  }

  /**
   * What is used at a moment, with no more than had happened by then. `onItsWayMs`: how much sooner a request may be let
   * through than it runs, and how much later its end may be known.
   */
  #used({ sort, period, counts }: Limit, { nowMs, wallMs }: Moment, onItsWayMs: number): number {
    return this.#sum((entry) => {
      if (!counts(entry.payer) || entry.atMs - onItsWayMs > nowMs) return 0;
      const isOpen = entry.state === 'open' || entry.endedAtMs + onItsWayMs > nowMs;
      if (sort === 'requestsPerMinute' || sort === 'tokensPerMinute') {
        const longerMs = onItsWayMs === 0 ? 0 : onItsWayMs + slotsMs;
        const ageMs = nowMs - entry.atMs;
        if (ageMs >= minuteMs + longerMs) return 0;
        if (sort === 'requestsPerMinute') return 1;
        // At the end of its minute, what turned out to be less may be forgotten a slot sooner than the rest.
        const isCorrected = entry.state === 'settled' && entry.endedAtMs <= nowMs - longerMs && ageMs < minuteMs - longerMs;
        return isCorrected ? entry.spent.tokens : entry.need.rateTokens;
      }
      if (isOpen) return amountOf(sort, entry.need);
      return period !== undefined && sort !== 'gate' && this.#isCharged(entry, period, wallMs) ? chargeOf(sort, entry.spent) : 0;
    });
  }

  #isCharged({ state, settledAtWallMs }: Entry, period: 'day' | 'month', wallMs: number): boolean {
    const { startMs, endMs } = this.#calendar.span(period, wallMs);
    return state === 'settled' && settledAtWallMs >= startMs && settledAtWallMs < endMs;
  }

  #sum(of: (entry: Entry) => number): number {
    let sum = 0;
    for (const entry of this.#entries.values()) sum += of(entry);
    return sum;
  }
}

function countsAt(level: string, id: string): (payer: Payer) => boolean {
  return ({ keyId, tenant }) => level === 'whole' || (level === 'key' ? keyId : tenant) === id;
}

function limitsAt(level: string, id: string, limits: Limits): readonly Limit[] {
  const rows: readonly (readonly [keyof Limits, Sort, Limit['period']])[] = [
    ['usdPerDay', 'usd', 'day'],
    ['usdPerMonth', 'usd', 'month'],
    ['tokensPerDay', 'tokens', 'day'],
    ['tokensPerMonth', 'tokens', 'month'],
    ['requestsPerMinute', 'requestsPerMinute', undefined],
    ['tokensPerMinute', 'tokensPerMinute', undefined],
    ['concurrentRequests', 'gate', undefined],
  ];
  return rows.flatMap(([name, sort, period]) => {
    const most = limits[name];
    if (most === undefined) return [];
    return [{ name: `${level} ${id} ${name}`, sort, period, most: sort === 'usd' ? toNanoUsd(most) : most, counts: countsAt(level, id) }];
  });
}

function amountOf(sort: Sort, need: Need): number {
  if (sort === 'usd') return need.mostNanoUsd;
  if (sort === 'tokens') return need.mostTokens;
  return sort === 'tokensPerMinute' ? need.rateTokens : 1;
}

function chargeOf(of: 'usd' | 'tokens', spent: Spent): number {
  return of === 'usd' ? spent.nanoUsd : spent.tokens;
}
