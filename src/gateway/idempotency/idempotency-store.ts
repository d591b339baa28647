export interface IdempotencyLimits {
  readonly maxEntries: number;
  /** All stored answers together, running ones included. */
  readonly maxBytes: number;
  readonly keepMs: number;
}

/** What a key, a hash and the response's headers take, roughly: small answers must not be free. */
export const entryBytes = 1024;
/** One answer may take this part of all the room, so that a few long ones do not drive out all others. */
const answerShare = 1 / 16;

/** The running request's hold on its entry. */
export interface IdempotencySlot {
  /** Asks for room for further bytes. Once refused, nothing of the answer is stored any more. */
  readonly takeRoom: (bytes: number) => boolean;
  /** The answer is complete and may be given to later requests. */
  readonly keep: (nowMs: number) => void;
  /** The answer failed or nobody waits for it: the same key runs anew. */
  readonly forget: () => void;
}

export type Claim<Answer> =
  /** Nobody asked before: the caller runs the request. */
  | { readonly kind: 'begun'; readonly answer: Answer }
  /** The same request runs, or ran. */
  | { readonly kind: 'known'; readonly answer: Answer }
  /** The same request runs, and its beginning is no longer stored. */
  | { readonly kind: 'unstored' }
  /** The key was used for another body. */
  | { readonly kind: 'mismatch' }
  /** Nothing can be evicted, because all that is stored belongs to running requests. */
  | { readonly kind: 'full' };

interface Entry<Answer> {
  readonly bodyHash: string;
  readonly answer: Answer;
  bytes: number;
  stored: boolean;
  expiresAtMs: number;
}

/**
 * Answers by idempotency key: those that run and, for a time, those that ended. It knows bodies by their hash only, so
 * no prompt is ever stored. Bounded in entries and bytes; the answer that ended longest ago makes room first.
 */
export class IdempotencyStore<Answer> {
  readonly #limits: IdempotencyLimits;
  readonly #running = new Map<string, Entry<Answer>>();
  /** In the order in which they ended, which is the order in which they expire. */
  readonly #kept = new Map<string, Entry<Answer>>();
  #bytes = 0;

  constructor(limits: IdempotencyLimits) {
    this.#limits = limits;
  }

  /** `begin` makes the answer of a request that is new. */
  claim(scope: string, bodyHash: string, nowMs: number, begin: (slot: IdempotencySlot) => Answer): Claim<Answer> {
    this.#expire(nowMs);
    const known = this.#running.get(scope) ?? this.#kept.get(scope);
    if (known !== undefined) {
      if (known.bodyHash !== bodyHash) return { kind: 'mismatch' };
      return known.stored ? { kind: 'known', answer: known.answer } : { kind: 'unstored' };
    }
    const { maxEntries } = this.#limits;
    if (this.#running.size + this.#kept.size >= maxEntries && !this.#evictOldest()) return { kind: 'full' };
    if (!this.#makeRoom(entryBytes)) return { kind: 'full' };
    // The slot is used only once its answer runs, when the entry stands in the map.
    const slot: IdempotencySlot = {
      takeRoom: (bytes) => this.#takeRoom(entry, bytes),
      keep: (endedMs) => this.#keep(scope, entry, endedMs),
      forget: () => this.#forget(scope, entry),
    };
    const entry: Entry<Answer> = { bodyHash, answer: begin(slot), bytes: entryBytes, stored: true, expiresAtMs: Infinity };
    this.#running.set(scope, entry);
    this.#bytes += entryBytes;
    return { kind: 'begun', answer: entry.answer };
  }

  status(): { readonly entries: number; readonly running: number; readonly bytes: number } {
    return { entries: this.#running.size + this.#kept.size, running: this.#running.size, bytes: this.#bytes };
  }

  #takeRoom(entry: Entry<Answer>, bytes: number): boolean {
    if (!entry.stored) return false;
    if (entry.bytes + bytes <= this.#limits.maxBytes * answerShare && this.#makeRoom(bytes)) {
      entry.bytes += bytes;
      this.#bytes += bytes;
      return true;
    }
    this.#bytes -= entry.bytes - entryBytes;
    entry.bytes = entryBytes;
    entry.stored = false;
    return false;
  }

  #keep(scope: string, entry: Entry<Answer>, nowMs: number): void {
    if (!entry.stored) return this.#forget(scope, entry);
    if (this.#running.get(scope) !== entry) return;
    this.#running.delete(scope);
    entry.expiresAtMs = nowMs + this.#limits.keepMs;
    this.#kept.set(scope, entry);
  }

  #forget(scope: string, entry: Entry<Answer>): void {
    if (this.#running.get(scope) !== entry) return;
    this.#running.delete(scope);
    this.#bytes -= entry.bytes;
  }

  #expire(nowMs: number): void {
    for (const { expiresAtMs } of this.#kept.values()) {
      if (expiresAtMs > nowMs) return;
      this.#evictOldest();
    }
  }

  #makeRoom(bytes: number): boolean {
    while (this.#bytes + bytes > this.#limits.maxBytes) if (!this.#evictOldest()) return false;
    return true;
  }

  #evictOldest(): boolean {
    for (const [scope, { bytes }] of this.#kept) {
      this.#kept.delete(scope);
      this.#bytes -= bytes;
      return true;
    }
    return false;
  }
}
