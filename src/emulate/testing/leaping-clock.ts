import type { Clock } from '../../std/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/**
 * Virtual time for tests over real sockets: it stands still while something is computed or sent, and leaps to the
 * next timer once the event loop has turned a few times. Waiting costs no real time, and elapsed times are exact.
 */
export function leapingClock(turnsBeforeLeap = 4): Clock {
  const timers = new Set<Timer>();
  let nowMs = 0;
  let pumping = false;

  function pump(turns: number): void {
    if (timers.size === 0) {
      pumping = false;
      return;
    }
    if (turns > 0) {
      setImmediate(() => pump(turns - 1));
      return;
    }
    const [first, ...rest] = timers;
    if (first !== undefined) {
      const next = rest.reduce((earliest, timer) => (timer.atMs < earliest.atMs ? timer : earliest), first);
      timers.delete(next);
      nowMs = Math.max(nowMs, next.atMs);
      next.run();
    }
    setImmediate(() => pump(turnsBeforeLeap));
  }

  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.add(timer);
      if (!pumping) {
        pumping = true;
        setImmediate(() => pump(turnsBeforeLeap));
      }
      return () => timers.delete(timer);
    },
  };
}
