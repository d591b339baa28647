import { describe, expect, test } from 'vitest';
import { leapingClock } from './testing/leaping-clock.ts';
import { AnswerPacer } from './answer-pacer.ts';
import { EmulatedBatch } from './emulated-batch.ts';
import { FaultSwitch } from './emulator-fault.ts';
import type { EmulatorProfile } from './emulator-profile.ts';
import { HoldMeter } from './hold-report.ts';
import { tpotMs } from './pace.ts';
import { emulatorProfile } from './profiles.ts';

const inTime = { arrivedMs: 0, waitedMs: 0 };

function profileOf(id: string): EmulatorProfile {
  const found = emulatorProfile(id);
  if (!found.ok) throw new Error(found.failure);
  return found.value;
}

/** Seats `others` requests of 2,000 tokens beside one answer, and returns how long its tokens took in virtual time. */
async function elapsed(
  profile: EmulatorProfile,
  others: number,
  tokens: number,
): Promise<{ readonly firstMs: number; readonly restMs: number; readonly meter: HoldMeter }> {
  const clock = leapingClock();
  const batch = new EmulatedBatch({ ...profile.limits, maxConcurrent: others + 1 });
  for (let other = 0; other < others; other += 1) {
    const seat = batch.request(() => undefined);
    if (seat !== 'full') seat.hold(2_000);
  }
  const ticket = batch.request(() => undefined);
  if (ticket === 'full') throw new Error('There is a place for this request.');
  const meter = new HoldMeter(profile.id);
  const pacer = new AnswerPacer({
    profile,
    clock,
    batch,
    ticket,
    faults: new FaultSwitch(),
    meter,
    signal: new AbortController().signal,
    admittedMs: 0,
    promptTokens: 100,
    jitter: 1,
  });
  await pacer.until(1, inTime);
  const firstMs = clock.nowMs();
  for (let token = 1; token < tokens; token += 1) await pacer.until(1, inTime);
  pacer.finish();
  return { firstMs, restMs: clock.nowMs() - firstMs, meter };
}

describe('the pacer', () => {
  test.each(['nvidia-h100', 'amd-mi300x', 'groq-lpu', 'aws-trainium2'])(
    'of %s gives each token of a busy batch more time than one that is alone',
    async (id) => {
      const alone = await elapsed(profileOf(id), 0, 20);
      const busy = await elapsed(profileOf(id), 63, 20);
      expect(busy.restMs).toBeGreaterThan(alone.restMs);
      expect(busy.firstMs).toBeGreaterThanOrEqual(alone.firstMs);
    },
  );

  test('does not let the pace drift over a long answer', async () => {
    const profile = profileOf('cerebras-wse3');
    const { restMs, meter } = await elapsed(profile, 0, 2_000);
    // Faster than a timer's grain, so single tokens come in clumps, but the whole is right to that grain.
    expect(Math.abs(restMs - 1_999 * tpotMs(profile, { sequences: 1, residentKvTokens: 0 }))).toBeLessThanOrEqual(0.5);
    expect(meter.report()).toMatchObject({ answers: 1, tokens: 2_000 });
  });

  test('stops waiting at once when the request is aborted', async () => {
    const profile = profileOf('nvidia-h100');
    const batch = new EmulatedBatch(profile.limits);
    const ticket = batch.request(() => undefined);
    if (ticket === 'full') throw new Error('There is a place for this request.');
    const aborter = new AbortController();
    // A clock whose timers never fire: only the abort can end the wait.
    const clock = { nowMs: () => 0, wallMs: () => 0, after: () => () => undefined };
    const meter = new HoldMeter(profile.id);
    const pacer = new AnswerPacer({
      profile,
      clock,
      batch,
      ticket,
      faults: new FaultSwitch(),
      meter,
      signal: aborter.signal,
      admittedMs: 0,
      promptTokens: 100,
      jitter: 1,
    });
    const waiting = pacer.until(1, inTime);
    aborter.abort();
    await waiting;
    expect(meter.report().latenessMs).toBeUndefined();
  });
});
