import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../std/clock.ts';

const resolutionMs = 10;
/** Long enough that one pause of a collector is not a hundredth of it, short enough to notice an overload at once. */
const windowMs = 5000;

/** How late this process is to what it should do, as it was over the last window. */
export interface EventLoopLag {
  readonly p99Ms: () => number;
}

/** Watches the event loop until it is told to stop. */
export function watchEventLoop(clock: Clock): EventLoopLag & { readonly stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let p99Ms = 0;
  const roll = (): void => {
    // The histogram holds the time between two beats, of which the beat's own interval is no lag.
    p99Ms = Math.max(0, histogram.percentile(99) / 1e6 - resolutionMs);
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
