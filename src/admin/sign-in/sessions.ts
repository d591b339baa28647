import { hash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../std/clock.ts';
import type { Role } from '../roles.ts';

export interface Session {
  readonly user: string;
  readonly role: Role;
  /** What the control header of every change must hold. */
  readonly controlToken: string;
}

interface Kept extends Session {
  readonly endsMs: number;
  lastUsedMs: number;
}

export interface SessionRules {
  readonly absoluteMs: number;
  readonly idleMs: number;
  readonly most: number;
}

export const usualSessionRules: SessionRules = { absoluteMs: 12 * 3_600_000, idleMs: 30 * 60_000, most: 1000 };

/** Who has signed in. Kept in memory alone: a restart signs everybody out. Only digests of secrets are kept. */
export class Sessions {
  readonly #rules: SessionRules;
  readonly #clock: Clock;
  readonly #newSecret: () => string;
  readonly #byDigest = new Map<string, Kept>();

  constructor(rules: SessionRules, clock: Clock, newSecret: () => string) {
    this.#rules = rules;
    this.#clock = clock;
    this.#newSecret = newSecret;
  }

  get count(): number {
    return this.#byDigest.size;
  }

  /** Begins a session; beyond the limit, the oldest makes room. */
  begin(user: string, role: Role): { readonly secret: string; readonly controlToken: string } {
    const [secret, controlToken] = [this.#newSecret(), this.#newSecret()];
    const nowMs = this.#clock.nowMs();
    const [oldest] = this.#byDigest.keys();
    if (oldest !== undefined && this.#byDigest.size >= this.#rules.most) this.#byDigest.delete(oldest);
    this.#byDigest.set(digestOf(secret), { user, role, controlToken, endsMs: nowMs + this.#rules.absoluteMs, lastUsedMs: nowMs });
    return { secret, controlToken };
  }

  /** The session of this secret, which counts as used by that. */
  find(secret: string): Session | undefined {
    if (secret === '') return undefined;
    const digest = digestOf(secret);
    const kept = this.#byDigest.get(digest);
    if (kept === undefined) return undefined;
    const nowMs = this.#clock.nowMs();
    if (nowMs >= kept.endsMs || nowMs - kept.lastUsedMs >= this.#rules.idleMs) {
      this.#byDigest.delete(digest);
      return undefined;
    }
    kept.lastUsedMs = nowMs;
    return kept;
  }

  end(secret: string): void {
    this.#byDigest.delete(digestOf(secret));
  }

  /** After a change of password or role, or the user's removal, nothing that was begun before holds any more. */
  endAll(user: string): void {
    for (const [digest, session] of this.#byDigest) if (session.user === user) this.#byDigest.delete(digest);
  }
}

/** A session's secret has 256 bits of randomness, so that a plain hash cannot be reversed by trying. */
function digestOf(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

export function sameText(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'));
}
