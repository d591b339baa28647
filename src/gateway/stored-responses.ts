import type { InputItem } from '../protocol/responses/response-shapes.ts';

export interface StoredResponsesLimits {
  readonly maxEntries: number;
  /** Of all together. */
  readonly maxBytes: number;
  readonly keepMs: number;
}

/** A response and the conversation that it ends. */
export interface StoredResponse {
  /** As JSON text. */
  readonly response: string;
  /** The input items of its own request. */
  readonly input: readonly InputItem[];
  /** All messages up to and with its answer, in the words of chat completions. */
  readonly conversation: readonly Readonly<Record<string, unknown>>[];
}

interface Entry {
  readonly stored: StoredResponse;
  readonly bytes: number;
  readonly expiresAtMs: number;
}

/** What keys and bookkeeping take, roughly. */
const entryBytes = 1024;
/** One conversation may take this part of all the room, so that a few long ones do not drive out all others. */
const entryShare = 1 / 16;

/**
 * Responses by tenant and id, in the memory of this process: another tenant's id is one that does not exist (security
 * requirement S24). Bounded in number, bytes and time; the oldest makes room.
 */
export class StoredResponses {
  readonly #limits: StoredResponsesLimits;
  /** In the order in which they were stored, which is the order in which they expire. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limits: StoredResponsesLimits) {
    this.#limits = limits;
  }

  /** False where it is too large to be kept. */
  put(tenant: string, id: string, stored: StoredResponse, nowMs: number): boolean {
    this.#expire(nowMs);
    const key = keyOf(tenant, id);
    this.#remove(key);
    // A string takes one or two bytes a unit; counted as two, because nobody tells which.
    const bytes = entryBytes + 2 * (stored.response.length + JSON.stringify([stored.input, stored.conversation]).length);
    if (bytes > this.#limits.maxBytes * entryShare) return false;
    while (this.#entries.size >= this.#limits.maxEntries || this.#bytes + bytes > this.#limits.maxBytes) this.#removeOldest();
    this.#entries.set(key, { stored, bytes, expiresAtMs: nowMs + this.#limits.keepMs });
    this.#bytes += bytes;
    return true;
  }

  get(tenant: string, id: string, nowMs: number): StoredResponse | undefined {
    this.#expire(nowMs);
    return this.#entries.get(keyOf(tenant, id))?.stored;
  }

  delete(tenant: string, id: string, nowMs: number): boolean {
    this.#expire(nowMs);
    return this.#remove(keyOf(tenant, id));
  }

  status(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries.size, bytes: this.#bytes };
  }

  #expire(nowMs: number): void {
    for (const [key, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs > nowMs) return;
      this.#remove(key);
    }
  }

  #removeOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#remove(key);
      return;
    }
  }

  #remove(key: string): boolean {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    return this.#entries.delete(key);
  }
}

function keyOf(tenant: string, id: string): string {
  return JSON.stringify([tenant, id]);
}
