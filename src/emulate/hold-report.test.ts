import { describe, expect, test } from 'vitest';
import { HoldMeter, type AnswerTiming } from './hold-report.ts';

const onTime: AnswerTiming = { tokens: 50, plannedMs: 500, tookMs: 501, plannedFirstMs: 20, tookFirstMs: 21 };

function meterWith(timings: readonly AnswerTiming[], latenessMs = 1, engineLateMs = 0): HoldMeter {
  const meter = new HoldMeter('nvidia-h100');
  for (const timing of timings) {
    for (let token = 0; token < timing.tokens; token += 1) meter.event(latenessMs, engineLateMs);
    meter.answer(timing);
  }
  return meter;
}

describe('the hold report', () => {
  test('says nothing from too little traffic', () => {
    expect(new HoldMeter('p').report().held).toBe('unknown');
    expect(meterWith([onTime, onTime]).report().held).toBe('unknown');
  });

  test('says yes, with its figures, where answers kept to their schedule', () => {
    const report = meterWith([onTime, onTime, onTime]).report();
    expect(report.held).toBe('yes');
    expect(report.sentence).toContain('3 answers, 150 tokens');
    expect(report.latenessMs).toEqual({ n: 150, p50: 1, p90: 1, p99: 1, max: 1 });
  });

  test('says no where the answers as a whole took longer, though each event was only a little late', () => {
    expect(meterWith([onTime, onTime, { ...onTime, tookMs: 560 }]).report()).toMatchObject({ held: 'no', stretchP95: 1.12 });
  });

  test('says no where the first tokens were late', () => {
    expect(meterWith([onTime, onTime, { ...onTime, tookFirstMs: 31 }]).report()).toMatchObject({ held: 'no', lateFirstTokens: 1 });
  });

  test('says no and names the engine where that was slower than the profile', () => {
    const report = meterWith([onTime, onTime, onTime], 40, 40).report();
    expect(report).toMatchObject({ held: 'no', lateByEngine: 150 });
    expect(report.sentence).toContain('wrapped engine is slower');
  });

  test('says no as soon as the engine failed once', () => {
    const meter = new HoldMeter('p');
    meter.engineFailed();
    expect(meter.report()).toMatchObject({ held: 'no', engineFailures: 1 });
  });

  test('keeps a bounded number of samples and forgets the oldest', () => {
    const meter = new HoldMeter('p');
    meter.event(1_000, 0);
    for (let sample = 0; sample < 4_096; sample += 1) meter.event(0, 0);
    expect(meter.report().latenessMs).toEqual({ n: 4_096, p50: 0, p90: 0, p99: 0, max: 0 });
  });
});
