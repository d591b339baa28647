import { expect, test } from 'vitest';
import { watchEventLoop } from './event-loop-lag.ts';
import type { Clock } from '../std/clock.ts';

test('a loop that is blocked again and again is seen at the end of the window, and forgotten after the next', async () => {
  let roll = (): void => {};
  const clock: Clock = {
    nowMs: () => 0,
    wallMs: () => 0,
    after: (_delayMs, run) => {
      roll = run;
      return () => {};
    },
  };
  const lag = watchEventLoop(clock);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let n = 0; n < 4; n += 1) {
    Atomics.wait(pause, 0, 0, 150);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(lag.p99Ms()).toBe(0);
  roll();
  expect(lag.p99Ms()).toBeGreaterThan(100);
  roll();
  expect(lag.p99Ms()).toBeLessThan(100);
  lag.stop();
});
