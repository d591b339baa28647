import type { Clock } from '../../src/std/clock.ts';

export interface VirtualClock extends Clock {
  /** Runs the next timer at its time; false where none is left. */
  readonly step: () => boolean;
}

interface Timer {
  readonly atMs: number;
  /** Timers of the same time run in the order in which they were set. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** Real timers take a while, too: with none at all, one set for a rounding error would run for ever in one moment. */
const leastMs = 0.001;

/** Time that moves only when told to: a simulation runs its events one after another, in the order of their times. */
export function virtualClock(): VirtualClock {
  const heap: Timer[] = [];
  let nowMs = 0;
  let order = 0;
  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    after: (delayMs, run) => {
      const timer: Timer = { atMs: nowMs + Math.max(leastMs, delayMs), order: order++, run };
      push(heap, timer);
      // A cancelled timer stays in the heap until its time: taking it out would cost a search.
      return () => void (timer.run = undefined);
    },
    step: () => {
      for (let timer = pop(heap); timer !== undefined; timer = pop(heap)) {
        if (timer.run === undefined) continue;
        nowMs = timer.atMs;
        timer.run();
        return true;
      }
      return false;
    },
  };
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length;
  heap.push(timer);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(timer, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): Timer | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    let least = heap[left];
    let index = left;
    const other = heap[right];
    if (other !== undefined && least !== undefined && isBefore(other, least)) {
      least = other;
      index = right;
    }
    if (least === undefined || !isBefore(least, last)) break;
    heap[at] = least;
    at = index;
  }
  heap[at] = last;
  return first;
}
