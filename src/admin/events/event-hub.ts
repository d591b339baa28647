import type { Clock } from '../../std/clock.ts';

export type EventKind =
  | 'endpoint'
  | 'audit'
  | 'config'
  | 'key'
  | 'budget'
  | 'share.near'
  | 'share.binding'
  | 'share.yielding'
  | 'nMinusOne.fell'
  | 'dropped';

/** Something that happened, for whoever follows the live stream. */
export interface ControlEvent {
  readonly seq: number;
  readonly atWallMs: number;
  readonly kind: EventKind;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Where events go; returns false while it takes no more. */
export type EventSink = (event: ControlEvent) => boolean;

/** What a slow follower may have waiting; beyond it, events are dropped and it is told how many. */
const mostWaiting = 256;
const mostFollowers = 64;

export interface Follower {
  /** The sink takes events again. */
  readonly resume: () => void;
  readonly stop: () => void;
}

/** Tells everybody who follows what happens. A slow follower loses events, never holds up others, and knows what it lost. */
export class EventHub {
  readonly #clock: Clock;
  readonly #followers = new Set<FollowerQueue>();
  #seq = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get followers(): number {
    return this.#followers.size;
  }

  emit(kind: EventKind, data: Readonly<Record<string, unknown>>): void {
    this.#seq += 1;
    const event = { seq: this.#seq, atWallMs: this.#clock.wallMs(), kind, data };
    for (const follower of this.#followers) follower.push(event);
  }

  /** Undefined where too many follow already. */
  follow(sink: EventSink): Follower | undefined {
    if (this.#followers.size >= mostFollowers) return undefined;
    const queue = new FollowerQueue(sink);
    this.#followers.add(queue);
    return { resume: () => queue.flush(), stop: () => void this.#followers.delete(queue) };
  }
}

class FollowerQueue {
  readonly #sink: EventSink;
  readonly #waiting: ControlEvent[] = [];
  #isFull = false;
  #dropped = 0;

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  push(event: ControlEvent): void {
    if (!this.#isFull) this.#isFull = !this.#sink(event);
    else if (this.#dropped > 0 || this.#waiting.length >= mostWaiting) this.#dropped += 1;
    else this.#waiting.push(event);
  }

  flush(): void {
    this.#isFull = false;
    while (!this.#isFull) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#isFull = !this.#sink(next);
      const last = this.#waiting.length === 0 && this.#dropped > 0;
      if (!last) continue;
      // The marker stands exactly where events are missing.
      const count = this.#dropped;
      this.#dropped = 0;
      this.#isFull = !this.#sink({ seq: next.seq + count, atWallMs: next.atWallMs, kind: 'dropped', data: { count } });
    }
  }
}
