import { expect, it } from 'vitest';
import type { UpkeepRules } from './keep-rows.ts';
import { LedgerUpkeep } from './ledger-upkeep.ts';

const dayMs = 86_400_000;

/** A clock whose timers run when the test says so, and whose wall can jump. */
function jumpyClock() {
  let nowMs = 0;
  let wallMs = 1000 * dayMs;
  let due: { atMs: number; run: () => void } | undefined;
  return {
    clock: {
      nowMs: () => nowMs,
      wallMs: () => wallMs,
      after: (delayMs: number, run: () => void) => {
        const timer = { atMs: nowMs + delayMs, run };
        due = timer;
        return () => {
          if (due === timer) due = undefined;
        };
      },
    },
    jump: (ms: number) => {
      wallMs += ms;
    },
    /** Lets the next timer come; false where there is none. */
    next: async (): Promise<boolean> => {
      const timer = due;
      if (timer === undefined) return false;
      due = undefined;
      wallMs += timer.atMs - nowMs;
      nowMs = timer.atMs;
      timer.run();
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    },
    wallMs: () => wallMs,
  };
}

const done = { counted: 0, expired: 0, deletedAttempts: 0, deletedCharges: 0, more: false };

function upkeepOf(time: ReturnType<typeof jumpyClock>, keep: (rules: UpkeepRules) => Promise<typeof done> = async () => done) {
  const asked: UpkeepRules[] = [];
  const upkeep = new LedgerUpkeep({
    clock: time.clock,
    retention: { attemptDays: 90, chargeDays: undefined },
    keep: (rules) => {
      asked.push(rules);
      return keep(rules);
    },
  });
  return { upkeep, asked };
}

it('88: attempts unknown for a day come to their end from the first turn on', async () => {
  const time = jumpyClock();
  const { upkeep, asked } = upkeepOf(time);
  upkeep.start();
  await time.next();
  expect(asked).toEqual([{ unknownBeforeWallMs: time.wallMs() - dayMs, attemptsBeforeWallMs: undefined, chargesBeforeWallMs: undefined }]);
  await upkeep.stop();
  expect(await time.next()).toBe(false);
});

it('95: a wall clock that jumps ten years ahead deletes nothing before it has gone steadily for an hour', async () => {
  const time = jumpyClock();
  const { upkeep, asked } = upkeepOf(time);
  upkeep.start();
  for (let turn = 0; turn < 8; turn += 1) await time.next();
  expect(asked.map(({ attemptsBeforeWallMs }) => attemptsBeforeWallMs !== undefined)).toEqual([false, false, false, false, false, false, true, true]);
  expect(asked.at(-1)?.attemptsBeforeWallMs).toBe(time.wallMs() - 90 * dayMs);
  time.jump(3650 * dayMs);
  await time.next();
  expect(asked.at(-1)?.attemptsBeforeWallMs).toBeUndefined();
  time.jump(-3650 * dayMs);
  for (let turn = 0; turn < 7; turn += 1) await time.next();
  expect(asked.slice(9).map(({ attemptsBeforeWallMs }) => attemptsBeforeWallMs !== undefined)).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
  await upkeep.stop();
});

it('a turn that failed is followed by another, and one that left more to do by the next at once', async () => {
  const time = jumpyClock();
  const answers = [Promise.reject(new Error('locked')), Promise.resolve({ ...done, more: true }), Promise.resolve(done)];
  answers[0]?.catch(() => {});
  const { upkeep, asked } = upkeepOf(time, () => answers.shift() ?? Promise.resolve(done));
  upkeep.start();
  const startedAtMs = time.clock.nowMs();
  const turns: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    await time.next();
    turns.push(time.clock.nowMs() - startedAtMs);
  }
  expect(turns).toEqual([0, 600_000, 600_050, 1_200_050]);
  expect(asked).toHaveLength(4);
  await upkeep.stop();
});
