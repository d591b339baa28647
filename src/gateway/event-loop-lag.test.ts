import { expect, test } from 'vitest';
import { watchEventLoop } from './event-loop-lag.ts';
import type { Clock } from '../std/clock.ts';

test('a loop that is blocked over two windows is late, over one it was only busy, and after a free one it is not', async () => {
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
  const block = async (): Promise<void> => {
    for (let n = 0; n < 4; n += 1) {
      Atomics.wait(pause, 0, 0, 150);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    roll();
  };
  await block();
  expect(lag.p99Ms()).toBe(0);
  await block();
  expect(lag.p99Ms()).toBeGreaterThan(100);
  roll();
  expect(lag.p99Ms()).toBeLessThan(100);
  lag.stop();
});
