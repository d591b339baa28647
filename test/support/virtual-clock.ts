import type { Clock } from '../../src/std/clock.ts';

export interface VirtualClock extends Clock {
  /** Runs the next timer at its time; false where none is left. */
  readonly step: () => boolean;
}

/** Time that moves only when told to: a simulation runs its events one after another, in the order of their times. */
export function virtualClock(): VirtualClock {
  const timers = new Map<number, { readonly atMs: number; readonly run: () => void }>();
  let nowMs = 0;
  let nextId = 0;
  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    after: (delayMs, run) => {
      const id = nextId++;
      timers.set(id, { atMs: nowMs + delayMs, run });
      return () => timers.delete(id);
    },
    step: () => {
      const due = [...timers].reduce<[number, { atMs: number; run: () => void }] | undefined>(
        (first, entry) => (first === undefined || entry[1].atMs < first[1].atMs ? entry : first),
        undefined,
      );
      if (due === undefined) return false;
      timers.delete(due[0]);
      nowMs = due[1].atMs;
      due[1].run();
      return true;
    },
  };
}
