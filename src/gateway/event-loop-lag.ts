import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../std/clock.ts';

const resolutionMs = 10;
/** Long enough that one pause of a collector is not a hundredth of it, short enough to notice an overload at once. */
const windowMs = 5000;

/** How late this process is to what it should do. */
export interface EventLoopLag {
  readonly p99Ms: () => number;
}

/**
 * Watches the event loop until it is told to stop. Says the lower of the last two windows: an overload lasts, while a
 * machine that was busy elsewhere for a moment is no reason to turn anybody away.
 */
export function watchEventLoop(clock: Clock): EventLoopLag & { readonly stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let lastMs = 0;
  let p99Ms = 0;
  const roll = (): void => {
    // The histogram holds the time between two beats, of which the beat's own interval is no lag.
    const windowP99Ms = Math.max(0, histogram.percentile(99) / 1e6 - resolutionMs);
    p99Ms = Math.min(lastMs, windowP99Ms);
    lastMs = windowP99Ms;
    histogram.reset();
    cancel = clock.after(windowMs, roll);
  };
  let cancel = clock.after(windowMs, roll);
  return {
    p99Ms: () => p99Ms,
    stop: () => {
      cancel();
      histogram.disable();
    },
  };
}
