export interface ProbableRetryRules {
  readonly windowMs: number;
  readonly maxEntries: number;
}

/** The SDK gives up long before a minute is over; more than these many at once would only be forgotten early. */
export const probableRetryRules: ProbableRetryRules = { windowMs: 60_000, maxEntries: 10_000 };

/**
 * Notices requests that an SDK sent again by itself (fault 82): it says that it comes again, and the same caller sent
 * the same body a moment ago. They are counted and never merged, because only an idempotency key says that the caller
 * wants one answer; two that look alike may be two wishes.
 */
export class ProbableRetries {
  readonly #rules: ProbableRetryRules;
  /** By when they were last seen, oldest first. */
  readonly #seen = new Map<string, number>();
  #count = 0;

  constructor(rules: ProbableRetryRules) {
    this.#rules = rules;
  }

  get count(): number {
    return this.#count;
  }

  /** `fingerprint` stands for the caller, the route and the body; `retryCount` is what the SDK's header says. */
  see(fingerprint: string, retryCount: number, nowMs: number): boolean {
    this.#forget(nowMs);
    const isRetry = retryCount >= 1 && this.#seen.delete(fingerprint);
    if (isRetry) this.#count += 1;
    this.#seen.delete(fingerprint);
    this.#seen.set(fingerprint, nowMs);
    return isRetry;
  }

  #forget(nowMs: number): void {
    for (const [fingerprint, seenMs] of this.#seen) {
      if (seenMs + this.#rules.windowMs > nowMs && this.#seen.size < this.#rules.maxEntries) return;
      this.#seen.delete(fingerprint);
    }
  }
}

/** What `x-stainless-retry-count` says: 0 for a first try, undefined where no such SDK asks. */
export function readRetryCount(header: string | readonly string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,3}$/.test(header) ? Number(header) : undefined;
}
