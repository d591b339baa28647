/** Time as an argument: production passes `systemClock`, simulations pass their own (DESIGN §4.11). */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start, with fractions: for durations and timeouts. */
  readonly nowMs: () => number;
  /** Milliseconds since the Unix epoch: for records that people read, never for durations. */
  readonly wallMs: () => number;
  /** Calls `run` once after `delayMs`; the returned function cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or at once when `signal` is aborted: a caller checks the signal itself. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
