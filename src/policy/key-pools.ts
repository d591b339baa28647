import { keyFault } from './key-fault.ts';
import { KeyPool, type KeyLease, type KeyRules } from './key-pool.ts';
import { noEffect } from '../fleet/health-effect.ts';
import type { AttemptFailure } from './attempt-failure.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { EndpointKey } from '../fleet/endpoint-key.ts';
import type { Random } from '../std/random.ts';
import type { ToldBudget } from './key-room.ts';

type Keyed = Pick<Endpoint, 'id' | 'keys' | 'key'>;

/** The pools of all endpoints that have keys. Replicas of one endpoint share its account, and so its pool. */
export class KeyPools {
  readonly #rules: KeyRules;
  readonly #random: Random;
  /** For operators: what happened to which key, by its name. */
  readonly #say: (message: string) => void;
  readonly #shared = new WeakMap<readonly EndpointKey[], KeyPool>();
  /** Those that told something of their one key. */
  readonly #single = new Map<string, { readonly key: string; readonly pool: KeyPool }>();

  constructor(rules: KeyRules, random: Random, say: (message: string) => void) {
    this.#rules = rules;
    this.#random = random;
    this.#say = say;
  }

  /** Endpoints whose keys have no room count as parked until one has. */
  withRoom(candidates: readonly Candidate[], tokens: number, nowMs: number): readonly Candidate[] {
    let seen: Candidate[] | undefined;
    for (let index = 0; index < candidates.length; index += 1) {
      const candidate = candidates[index];
      // Asked of every endpoint for every request, and nearly none has anything to say.
      if (candidate === undefined || (candidate.endpoint.keys === undefined && this.#single.size === 0)) continue;
      if (!mayBeTried(candidate)) continue;
      const releaseInMs = this.#pool(candidate.endpoint)?.releaseInMs(tokens, nowMs) ?? 0;
      if (releaseInMs > 0)
        (seen ??= [...candidates])[index] = { ...candidate, state: 'parked', releaseInMs: Math.max(releaseInMs, candidate.releaseInMs) };
    }
    return seen ?? candidates;
  }

  /** A key for a request there; undefined where the endpoint has none, or, against `withRoom`, none with room. */
  take(endpoint: Keyed, tokens: number, nowMs: number): KeyLease | undefined {
    return this.#pool(endpoint)?.take(tokens, nowMs);
  }

  /** An endpoint said in the head of a response how much is left to the key that it was sent. */
  told(endpoint: Keyed, budgets: readonly ToldBudget[], nowMs: number): void {
    const { id, key, keys } = endpoint;
    if (key === undefined) return;
    // Of an endpoint with one key there is nothing to know before this.
    if (keys === undefined && this.#single.get(id)?.key !== key)
      this.#single.set(id, { key, pool: new KeyPool([{ name: 'key', key, provisioned: false }], this.#rules, this.#random) });
    this.#pool(endpoint)?.told(key, budgets, nowMs);
  }

  /** The endpoint took the key and answers. */
  accepted(endpoint: Keyed, lease: KeyLease, nowMs: number): void {
    this.#pool(endpoint)?.accepted(lease.name, nowMs);
  }

  /** A request is over, and took so many tokens where somebody told or counted them. */
  ended(endpoint: Keyed, lease: KeyLease, failure: AttemptFailure | undefined, tokens: number | undefined, nowMs: number): void {
    if (failure?.class === 'not-sent' || failure?.class === 'shed') return this.#pool(endpoint)?.ended(lease, { kind: 'never-sent' }, nowMs);
    const tookNothing = failure !== undefined && failure.class !== 'maybe-executed' && failure.mayBeBilled !== true;
    this.#pool(endpoint)?.ended(lease, { kind: 'sent', tokens: tokens ?? (tookNothing ? 0 : undefined) }, nowMs);
  }

  /** A failure as it counts: one of a key alone is none of its endpoint while another key works. */
  judge(endpoint: Keyed, lease: KeyLease, failure: AttemptFailure, nowMs: number): AttemptFailure {
    const pool = this.#pool(endpoint);
    // One key is its endpoint's, whose breaker knows what to do.
    if (pool === undefined || (endpoint.keys?.length ?? 0) < 2) return failure;
    const fault = keyFault(failure);
    if (fault === 'refused') {
      if (pool.setAside(lease.name, nowMs)) this.#say(`endpoint ${endpoint.id}: the key \`${lease.name}\` is set aside: ${failure.what}`);
      if (!pool.hasUsable(nowMs)) return failure;
      return { ...failure, health: noEffect, ofKey: true };
    }
    if (fault !== 'busy' || failure.health.kind !== 'busy') return failure;
    pool.park(lease.name, failure.health.retryAfterMs, nowMs);
    const releaseInMs = pool.releaseInMs(0, nowMs);
    if (releaseInMs === 0) return { ...failure, health: noEffect, ofKey: true };
    // The endpoint may be asked again as soon as any key may.
    return { ...failure, fault: { ...failure.fault, retryAfterMs: releaseInMs }, health: { kind: 'busy', retryAfterMs: releaseInMs } };
  }

  forgive(endpoint: Keyed): void {
    this.#pool(endpoint)?.forgive();
  }

  /** The endpoint is gone for good. */
  forget(endpointId: string): void {
    this.#single.delete(endpointId);
  }

  /** One line for the endpoint's status, without any key; null where there is nothing to tell. */
  note(endpoint: Keyed, nowMs: number): string | null {
    if ((endpoint.keys?.length ?? 0) < 2) return null;
    const told = this.#pool(endpoint)?.describe(nowMs) ?? [];
    const words = told.map(({ name, state, releaseInMs }) => {
      const seconds = Math.ceil(releaseInMs / 1000);
      if (state === 'ready') return `${name} ready`;
      return state === 'refused' ? `${name} refused, tried again in ${seconds} s` : `${name} has no room for ${seconds} s`;
    });
    return `keys: ${words.join('; ')}`;
  }

  #pool({ id, keys }: Keyed): KeyPool | undefined {
    if (keys !== undefined) {
      let pool = this.#shared.get(keys);
      if (pool === undefined) this.#shared.set(keys, (pool = new KeyPool(keys, this.#rules, this.#random)));
      return pool;
    }
    return this.#single.get(id)?.pool;
  }
}

/** Whoever is out, or waits for its operator, is not tried, and must not look as if it only needed time. */
function mayBeTried({ state, cause }: Candidate): boolean {
  return state === 'ready' || state === 'trial' || (state === 'ejected' && cause === 'failing');
}
