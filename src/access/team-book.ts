import { AccessRules } from './access-rules.ts';
import { localTenant, type Caller } from './caller.ts';
import type { Approvals } from './approvals.ts';
import type { Scopes } from './scopes.ts';

/** A unit of isolation, approvals and bills, which owns keys. */
export interface Team {
  readonly id: string;
  readonly name: string;
  readonly approvals: Approvals;
  readonly scopes: Scopes;
}

/** The teams that exist. The team `local`, of whoever comes with no key or one of `listen.keys`, exists always. */
export class TeamBook {
  #teams: ReadonlyMap<string, Team>;
  /** Grows with every change, after which callers that were made before count no more. */
  #generation = 0;

  constructor(teams: readonly Team[]) {
    this.#teams = byId(teams);
  }

  get generation(): number {
    return this.#generation;
  }

  /** Takes the place of all teams that were. */
  use(teams: readonly Team[]): void {
    this.#teams = byId(teams);
    this.#generation += 1;
  }

  /** Whether anybody configured teams: then whoever asks must have a key. */
  get isEmpty(): boolean {
    return this.#teams.size === 0;
  }

  has(id: string): boolean {
    return id === localTenant || this.#teams.has(id);
  }

  /** A key of a team as a caller; undefined where there is no such team (any more). */
  caller(tenant: string, keyId: string, scopes: Scopes): Caller | undefined {
    const team = this.#teams.get(tenant);
    if (team === undefined && tenant !== localTenant) return undefined;
    const all = [...(team === undefined ? [] : [team.scopes]), scopes].filter(restricts);
    const isFree = all.length === 0 && (team === undefined || !restricts(team.approvals));
    return { tenant, keyId, rules: isFree ? undefined : new AccessRules(team?.approvals ?? {}, all) };
  }
}

function byId(teams: readonly Team[]): ReadonlyMap<string, Team> {
  return new Map(teams.map((team) => [team.id, team]));
}

function restricts(lists: Approvals | Scopes): boolean {
  return Object.values(lists).some((list) => list !== undefined);
}
