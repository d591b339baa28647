import { SlidingCount, type Counted } from '../std/sliding-count.ts';
import type { EndpointKey } from '../fleet/endpoint-key.ts';

/** What an endpoint's headers say of one budget of a key. */
export interface ToldBudget {
  readonly of: 'requests' | 'tokens';
  readonly remaining: number;
  /** How long until it is filled again. */
  readonly resetInMs: number;
}

/** What one request takes of a key's room, from its dispatch on. */
export interface Reservation {
  /** In the order of the limits of requests. */
  readonly requests: readonly Counted[];
  readonly tokens: Counted | undefined;
}

/** What a request took in the end: nothing at all where it was never sent, or tokens that somebody counted or not. */
export type Taken = { readonly kind: 'never-sent' } | { readonly kind: 'sent'; readonly tokens: number | undefined };

interface Told {
  remaining: number;
  readonly untilMs: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A header may be misread: no more than this is believed. */
const longestResetMs = 3_600_000;

/** How much of a key's limits is left: of those that its owner declared, and of those that the endpoint tells. */
export class KeyRoom {
  readonly #requests: readonly { readonly most: number; readonly count: SlidingCount }[];
  readonly #tokens: { readonly most: number; readonly count: SlidingCount } | undefined;
  readonly #told = new Map<ToldBudget['of'], Told>();

  constructor({ requestsPerMinute, requestsPerDay, tokensPerMinute }: Pick<EndpointKey, 'requestsPerMinute' | 'requestsPerDay' | 'tokensPerMinute'>) {
    this.#requests = [
      ...(requestsPerMinute === undefined ? [] : [{ most: requestsPerMinute, count: new SlidingCount(minuteMs) }]),
      ...(requestsPerDay === undefined ? [] : [{ most: requestsPerDay, count: new SlidingCount(dayMs) }]),
    ];
    this.#tokens = tokensPerMinute === undefined ? undefined : { most: tokensPerMinute, count: new SlidingCount(minuteMs) };
  }

  /** Takes room for a request of about so many tokens. Ask `releaseInMs` first. */
  reserve(tokens: number, nowMs: number): Reservation {
    this.#spend('requests', 1, nowMs);
    this.#spend('tokens', tokens, nowMs);
    return {
      requests: this.#requests.map(({ count }) => count.add(1, nowMs)),
      tokens: this.#tokens?.count.add(clamped(tokens, this.#tokens.most), nowMs),
    };
  }

  /** The request is over. Where nobody knows what it took, the reservation stands. */
  settle(reservation: Reservation, taken: Taken, nowMs: number): void {
    if (taken.kind === 'never-sent')
      for (const [index, counted] of reservation.requests.entries()) this.#requests[index]?.count.correct(counted, 0, nowMs);
    const tokens = taken.kind === 'never-sent' ? 0 : taken.tokens;
    if (tokens !== undefined && reservation.tokens !== undefined) this.#tokens?.count.correct(reservation.tokens, tokens, nowMs);
  }

  /** The endpoint knows best: what it counts includes what others do with the same key. */
  told({ of, remaining, resetInMs }: ToldBudget, nowMs: number): void {
    this.#told.set(of, { remaining, untilMs: nowMs + Math.min(resetInMs, longestResetMs) });
  }

  /** How long until a request of so many tokens may be sent; 0 where it may be now. */
  releaseInMs(tokens: number, nowMs: number): number {
    let releaseInMs = 0;
    for (const { most, count } of this.#requests) releaseInMs = Math.max(releaseInMs, count.releaseInMs(most - 1, nowMs));
    if (this.#tokens !== undefined) {
      const { most, count } = this.#tokens;
      releaseInMs = Math.max(releaseInMs, count.releaseInMs(most - clamped(tokens, most), nowMs));
    }
    for (const { remaining, untilMs } of this.#told.values()) if (remaining <= 0) releaseInMs = Math.max(releaseInMs, untilMs - nowMs);
    return releaseInMs;
  }

  /** Whether the endpoint's own word leaves room for all of it: an estimate is no reason to refuse, only to prefer another key. */
  fits(tokens: number, nowMs: number): boolean {
    const told = this.#told.get('tokens');
    return told === undefined || told.untilMs <= nowMs || told.remaining >= tokens;
  }

  #spend(of: ToldBudget['of'], amount: number, nowMs: number): void {
    const told = this.#told.get(of);
    if (told === undefined) return;
    if (told.untilMs <= nowMs) this.#told.delete(of);
    else told.remaining -= amount;
  }
}

/** A request that is larger than the limit itself may run where nothing else does. */
function clamped(tokens: number, most: number): number {
  return Math.min(tokens, most);
}
