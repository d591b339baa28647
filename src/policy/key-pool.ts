import { Avoidance } from './avoidance.ts';
import { KeyRoom, type Reservation, type Taken, type ToldBudget } from './key-room.ts';
import type { EndpointKey } from '../fleet/endpoint-key.ts';
import type { HealthRules } from './health-rules.ts';
import type { Random } from '../std/random.ts';

export type KeyRules = Pick<HealthRules, 'setAsideMs' | 'longestSetAsideMs' | 'jitter'>;

/** A key that a request may be sent with, and what it took of the key's room. */
export interface KeyLease {
  readonly name: string;
  readonly key: string;
  readonly reservation: Reservation;
}

interface Entry {
  readonly key: EndpointKey;
  readonly room: KeyRoom;
  /** For a key that was refused, or whose account is empty. */
  readonly refused: Avoidance;
  parkedUntilMs: number;
  running: number;
  lastTaken: number;
}

/** The keys of one account: who is used next, who has room, and who is set aside until somebody acts. A pure state machine. */
export class KeyPool {
  readonly #entries: readonly Entry[];
  #taken = 0;

  constructor(keys: readonly EndpointKey[], { setAsideMs, longestSetAsideMs, jitter }: KeyRules, random: Random) {
    const times = { firstMs: setAsideMs, longestMs: longestSetAsideMs, jitter, rememberMs: 2 * longestSetAsideMs };
    this.#entries = keys.map((key) => ({
      key,
      room: new KeyRoom(key),
      refused: new Avoidance(times, random),
      parkedUntilMs: 0,
      running: 0,
      lastTaken: 0,
    }));
  }

  /**
   * A key for a request of about so many tokens, or undefined where none has room. First one whose trial is due, then
   * one with room for all of it, then throughput that is paid for anyway, then the least busy, in turn.
   */
  take(tokens: number, nowMs: number): KeyLease | undefined {
    const open = this.#entries.filter((entry) => releaseOf(entry, tokens, nowMs) === 0);
    const rank = (entry: Entry): readonly number[] => [
      entry.refused.state(nowMs) === 'trial' ? 0 : 1,
      entry.room.fits(tokens, nowMs) ? 0 : 1,
      entry.key.provisioned ? 0 : 1,
      entry.running,
      entry.lastTaken,
    ];
    const [best] = open.toSorted((a, b) => compare(rank(a), rank(b)));
    if (best === undefined) return undefined;
    best.refused.claimTrial(nowMs);
    best.running += 1;
    best.lastTaken = this.#taken += 1;
    return { name: best.key.name, key: best.key.key, reservation: best.room.reserve(tokens, nowMs) };
  }

  /** A request with this key is over. */
  ended({ name, reservation }: KeyLease, taken: Taken, nowMs: number): void {
    const entry = this.#entry(name);
    if (entry === undefined) return;
    entry.running -= 1;
    entry.room.settle(reservation, taken, nowMs);
  }

  /** The endpoint took the key. */
  accepted(name: string, nowMs: number): void {
    this.#entry(name)?.refused.pass(nowMs);
  }

  /** What the endpoint's headers say of the key that was sent. */
  told(key: string, budgets: readonly ToldBudget[], nowMs: number): void {
    const entry = this.#entries.find((one) => one.key.key === key);
    for (const budget of budgets) entry?.room.told(budget, nowMs);
  }

  /** The key was refused, or its account is empty (faults 13 and 17). False where that was known. */
  setAside(name: string, nowMs: number): boolean {
    const entry = this.#entry(name);
    const isKnown = entry?.refused.state(nowMs) === 'avoided';
    entry?.refused.hit(nowMs);
    return !isKnown;
  }

  /** The endpoint asks to be left alone with this key for a while. */
  park(name: string, forMs: number, nowMs: number): void {
    const entry = this.#entry(name);
    if (entry !== undefined) entry.parkedUntilMs = Math.max(entry.parkedUntilMs, nowMs + forMs);
  }

  /** Whether some key is not refused, though it may have no room now. */
  hasUsable(nowMs: number): boolean {
    return this.#entries.some(({ refused }) => refused.state(nowMs) === 'off');
  }

  /** How long until a request of so many tokens may be sent with some key; 0 where it may be now. */
  releaseInMs(tokens: number, nowMs: number): number {
    return Math.min(...this.#entries.map((entry) => releaseOf(entry, tokens, nowMs)));
  }

  /** Somebody says that all is well again. */
  forgive(): void {
    for (const entry of this.#entries) {
      entry.refused.forgive();
      entry.parkedUntilMs = 0;
    }
  }

  /** What operators see: names and how they do, never keys. */
  describe(nowMs: number): readonly { readonly name: string; readonly state: 'ready' | 'refused' | 'no-room'; readonly releaseInMs: number }[] {
    return this.#entries.map((entry) => {
      const releaseInMs = releaseOf(entry, 0, nowMs);
      return { name: entry.key.name, state: entry.refused.state(nowMs) === 'off' ? (releaseInMs > 0 ? 'no-room' : 'ready') : 'refused', releaseInMs };
    });
  }

  #entry(name: string): Entry | undefined {
    return this.#entries.find(({ key }) => key.name === name);
  }
}

function releaseOf({ room, refused, parkedUntilMs }: Entry, tokens: number, nowMs: number): number {
  return Math.max(refused.releaseInMs(nowMs), parkedUntilMs - nowMs, room.releaseInMs(tokens, nowMs), 0);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
