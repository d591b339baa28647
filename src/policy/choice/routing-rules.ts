import type { Objective, SloClass } from './ask.ts';

/** An SLO class with what may stand in for models that have no room for it. */
export interface ClassRule extends SloClass {
  /** From a model to the one that answers in its place. */
  readonly degradeTo: ReadonlyMap<string, string>;
}

/** What a model, a team or a key asks for unless the request says otherwise. */
export interface RoutingWish {
  readonly slo: string | undefined;
  readonly objective: Objective | undefined;
}

export interface RoutingRules {
  readonly classes: ReadonlyMap<string, ClassRule>;
  /** For whoever says nothing else. */
  readonly whole: { readonly slo: string | undefined; readonly objective: Objective };
  readonly models: ReadonlyMap<string, RoutingWish>;
  readonly teams: ReadonlyMap<string, RoutingWish>;
  readonly keys: ReadonlyMap<string, RoutingWish>;
}

export const noRoutingRules: RoutingRules = {
  classes: new Map(),
  whole: { slo: undefined, objective: 'balanced' },
  models: new Map(),
  teams: new Map(),
  keys: new Map(),
};

export interface Wisher {
  readonly model: string;
  readonly tenant: string;
  readonly keyId: string;
  /** The class that the request itself names, which must be one of the classes. */
  readonly slo: string | undefined;
  readonly objective: Objective | undefined;
}

export interface GrantedWish {
  readonly slo: ClassRule | undefined;
  readonly objective: Objective;
}

/** What holds for a request: what it says itself, else its key, its team, its model, or all. */
export function wishOf(rules: RoutingRules, { model, tenant, keyId, slo, objective }: Wisher): GrantedWish {
  const [key, team, ofModel] = [rules.keys.get(keyId), rules.teams.get(tenant), rules.models.get(model)];
  const named = slo ?? key?.slo ?? team?.slo ?? ofModel?.slo ?? rules.whole.slo;
  return {
    slo: named === undefined ? undefined : rules.classes.get(named),
    objective: objective ?? key?.objective ?? team?.objective ?? ofModel?.objective ?? rules.whole.objective,
  };
}

/** The models that may answer in place of one, nearest first; configurations have no cycle, and this ends in one all the same. */
export function standIns({ degradeTo }: ClassRule, model: string): readonly string[] {
  const found: string[] = [];
  for (let next = degradeTo.get(model); next !== undefined && next !== model && !found.includes(next); next = degradeTo.get(next)) found.push(next);
  return found;
}
