/** Whose limit it is: one key's, its team's, or that of all together. */
export type Level = 'key' | 'team' | 'whole';

export type Period = 'day' | 'month';

/** What one key, one team, or all together may use. Undefined is without limit. */
export interface Limits {
  readonly usdPerDay: number | undefined;
  readonly usdPerMonth: number | undefined;
  readonly tokensPerDay: number | undefined;
  readonly tokensPerMonth: number | undefined;
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly concurrentRequests: number | undefined;
}

export const noLimits: Limits = {
  usdPerDay: undefined,
  usdPerMonth: undefined,
  tokensPerDay: undefined,
  tokensPerMonth: undefined,
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  concurrentRequests: undefined,
};

export interface LimitRules {
  /** Where days and months begin: an IANA name. */
  readonly timeZone: string;
  readonly whole: Limits;
  /** What holds for each team and each key that says nothing else of its own. */
  readonly eachTeam: Limits;
  readonly eachKey: Limits;
  readonly teams: ReadonlyMap<string, Limits>;
  readonly keys: ReadonlyMap<string, Limits>;
}

/** Whose request it is, as far as limits go. */
export interface Payer {
  readonly keyId: string;
  readonly tenant: string;
}

/** A team's or a key's own limits, and where it has none of a kind, those that hold for each. */
export function limitsOf(own: Limits | undefined, each: Limits): Limits {
  if (own === undefined) return each;
  return {
    usdPerDay: own.usdPerDay ?? each.usdPerDay,
    usdPerMonth: own.usdPerMonth ?? each.usdPerMonth,
    tokensPerDay: own.tokensPerDay ?? each.tokensPerDay,
    tokensPerMonth: own.tokensPerMonth ?? each.tokensPerMonth,
    requestsPerMinute: own.requestsPerMinute ?? each.requestsPerMinute,
    tokensPerMinute: own.tokensPerMinute ?? each.tokensPerMinute,
    concurrentRequests: own.concurrentRequests ?? each.concurrentRequests,
  };
}

/** Whether anybody has a budget, so that what was spent must be known from the start. */
export function hasBudgets({ whole, eachTeam, eachKey, teams, keys }: LimitRules): boolean {
  return [whole, eachTeam, eachKey, ...teams.values(), ...keys.values()].some((limits) => has(limits, budgets));
}

/** What of a request must be known before its limits can be checked. */
export interface LimitKinds {
  /** Whether its price matters. */
  readonly money: boolean;
  /** Whether the most that it can use must be known, and kept to. */
  readonly budget: boolean;
}

const moneyBudgets = ['usdPerDay', 'usdPerMonth'] as const;
const budgets = [...moneyBudgets, 'tokensPerDay', 'tokensPerMonth'] as const;
const anyLimits = [...budgets, 'requestsPerMinute', 'tokensPerMinute', 'concurrentRequests'] as const;

/** The kinds of limits that a request of this payer meets; undefined where it meets none. */
export function limitKinds(rules: LimitRules, { keyId, tenant }: Payer): LimitKinds | undefined {
  const all = [rules.whole, limitsOf(rules.teams.get(tenant), rules.eachTeam), limitsOf(rules.keys.get(keyId), rules.eachKey)];
  const meets = (names: readonly (keyof Limits)[]): boolean => all.some((limits) => has(limits, names));
  return meets(anyLimits) ? { money: meets(moneyBudgets), budget: meets(budgets) } : undefined;
}

function has(limits: Limits, names: readonly (keyof Limits)[]): boolean {
  return names.some((name) => limits[name] !== undefined);
}
