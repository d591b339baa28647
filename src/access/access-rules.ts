import { allowsModel, type Api, type Scopes } from './scopes.ts';
import { exclusionBy, type Approvals, type Exclusion } from './approvals.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

/** Names come from clients, so what is remembered of them must have an end. */
const modelsKept = 256;

/**
 * What a caller may use: the approvals of its team, and the scopes of team and key, all of which must agree. Verdicts
 * are kept, for an endpoint as long as its object lives, because the choice asks for every endpoint at every try.
 */
export class AccessRules {
  readonly #approvals: Approvals;
  readonly #scopes: readonly Scopes[];
  readonly #models = new Map<string, boolean>();
  readonly #endpoints = new WeakMap<Endpoint, Exclusion | 'none'>();

  constructor(approvals: Approvals, scopes: readonly Scopes[]) {
    this.#approvals = approvals;
    this.#scopes = scopes;
  }

  allowsModel(model: string): boolean {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    const allowed = this.#scopes.every((scopes) => allowsModel(scopes, model));
    if (this.#models.size >= modelsKept) this.#models.clear();
    this.#models.set(model, allowed);
    return allowed;
  }

  allowsApi(api: Api): boolean {
    return this.#scopes.every(({ apis }) => apis === undefined || apis.includes(api));
  }

  /** The rule that keeps this caller's prompts from an endpoint. */
  exclusion(endpoint: Endpoint): Exclusion | undefined {
    const known = this.#endpoints.get(endpoint);
    if (known !== undefined) return known === 'none' ? undefined : known;
    const found = exclusionBy(this.#approvals, endpoint) ?? this.#vendorExclusion(endpoint);
    this.#endpoints.set(endpoint, found ?? 'none');
    return found;
  }

  #vendorExclusion({ silicon: { vendor } }: Endpoint): Exclusion | undefined {
    const allowed = this.#scopes.every(({ vendors }) => vendors === undefined || vendors.includes(vendor));
    return allowed ? undefined : { rule: 'vendor', declared: vendor };
  }
}
