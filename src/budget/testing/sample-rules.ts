import { noLimits, type Limits, type LimitRules, type Payer } from '../limits.ts';
import type { Need } from '../reservation.ts';

export const samplePayer: Payer = { keyId: 'k1', tenant: 't1' };

export function sampleLimits(limits: Partial<Limits>): Limits {
  return { ...noLimits, ...limits };
}

export function sampleRules(rules: Partial<LimitRules>): LimitRules {
  return { timeZone: 'UTC', whole: noLimits, eachTeam: noLimits, eachKey: noLimits, teams: new Map(), keys: new Map(), ...rules };
}

export function sampleNeed(need: Partial<Need>): Need {
  return { mostTokens: 0, mostNanoUsd: 0, rateTokens: 0, ...need };
}
