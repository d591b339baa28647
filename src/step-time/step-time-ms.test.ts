import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupOfChips, type ChipFacts } from './chip-facts.ts';
import { kvCapacityTokens } from './kv-capacity-tokens.ts';
import type { ModelShape } from './model-shape.ts';
import { computeRooflineMs, memoryRooflineMs, stepTimeMs, type StepFit, type StepLoad } from './step-time-ms.ts';

const chips: fc.Arbitrary<ChipFacts> = fc.record({
  memoryBandwidthTbPerS: fc.double({ min: 0.05, max: 25_000, noNaN: true }),
  denseTflops: fc.double({ min: 0.1, max: 100_000, noNaN: true }),
  memoryGb: fc.double({ min: 0.2, max: 1_000, noNaN: true }),
});

const models: fc.Arbitrary<ModelShape> = fc
  .record({
    parameters: fc.integer({ min: 1_000_000, max: 1_000_000_000_000 }),
    activeShare: fc.double({ min: 0.01, max: 1, noNaN: true }),
    bytesPerParameter: fc.constantFrom(0.5, 1, 2),
    kvBytesPerToken: fc.integer({ min: 1_000, max: 2_000_000 }),
    layers: fc.integer({ min: 1, max: 120 }),
    attentionWidth: fc.integer({ min: 64, max: 20_000 }),
  })
  .map(({ activeShare, ...shape }) => ({ ...shape, activeParameters: shape.parameters * activeShare }));

const loads: fc.Arbitrary<StepLoad> = fc.record({
  prefillTokens: fc.nat(32_768),
  decodeSequences: fc.nat(1_024),
  residentKvTokens: fc.nat(4_000_000),
});

const fits: fc.Arbitrary<StepFit> = fc.record({
  factor: fc.double({ min: 1, max: 5, noNaN: true }),
  overheadMs: fc.double({ min: 0, max: 20, noNaN: true }),
});

const dense8b: ModelShape = {
  parameters: 8e9,
  activeParameters: 8e9,
  bytesPerParameter: 1,
  kvBytesPerToken: 65_536,
  layers: 32,
  attentionWidth: 4_096,
};

describe('the step time', () => {
  test('never falls when any load grows', () => {
    fc.assert(
      fc.property(chips, models, loads, loads, fits, (chip, model, load, more, fit) => {
        const before = stepTimeMs(chip, model, load, fit);
        for (const grown of [
          { ...load, prefillTokens: load.prefillTokens + more.prefillTokens },
          { ...load, decodeSequences: load.decodeSequences + more.decodeSequences },
          { ...load, residentKvTokens: load.residentKvTokens + more.residentKvTokens },
        ]) {
          expect(stepTimeMs(chip, model, grown, fit)).toBeGreaterThanOrEqual(before);
        }
      }),
    );
  });

  test('is never below either roofline, nor below the overhead, once there is work', () => {
    fc.assert(
      fc.property(chips, models, loads, fits, (chip, model, load, fit) => {
        fc.pre(load.prefillTokens + load.decodeSequences > 0);
        const time = stepTimeMs(chip, model, load, fit);
        expect(time).toBeGreaterThanOrEqual(computeRooflineMs(chip, model, load));
        expect(time).toBeGreaterThanOrEqual(memoryRooflineMs(chip, model, load));
        expect(time).toBeGreaterThanOrEqual(fit.overheadMs);
      }),
    );
  });

  test('without a fit is exactly the higher roofline', () => {
    fc.assert(
      fc.property(chips, models, loads, (chip, model, load) => {
        fc.pre(load.prefillTokens + load.decodeSequences > 0);
        expect(stepTimeMs(chip, model, load)).toBe(Math.max(computeRooflineMs(chip, model, load), memoryRooflineMs(chip, model, load)));
      }),
    );
  });

  test('is in milliseconds: 8 GB of weights at 4 TB/s take 2 ms to read, 1000 tokens of 8 B weights at 1600 TFLOP/s 10 ms to multiply', () => {
    const chip = { memoryBandwidthTbPerS: 4, denseTflops: 1_600, memoryGb: 80 };
    const withoutKv = { ...dense8b, kvBytesPerToken: 0, layers: 0 };
    expect(stepTimeMs(chip, withoutKv, { prefillTokens: 0, decodeSequences: 1, residentKvTokens: 0 })).toBeCloseTo(2, 9);
    expect(stepTimeMs(chip, withoutKv, { prefillTokens: 1_000, decodeSequences: 0, residentKvTokens: 0 })).toBeCloseTo(10, 9);
  });

  test('of a decode grows with the keys and values that it reads: 1 GB of them at 4 TB/s adds 0.25 ms', () => {
    const chip = { memoryBandwidthTbPerS: 4, denseTflops: 1_600, memoryGb: 80 };
    const model = { ...dense8b, kvBytesPerToken: 1_000_000 };
    const at = (residentKvTokens: number): number => stepTimeMs(chip, model, { prefillTokens: 0, decodeSequences: 1, residentKvTokens });
    expect(at(1_000) - at(0)).toBeCloseTo(0.25, 9);
  });

  test('falls in proportion when a group of chips shares the step', () => {
    fc.assert(
      fc.property(chips, models, loads, fc.integer({ min: 1, max: 64 }), (chip, model, load, count) => {
        expect(stepTimeMs(groupOfChips(chip, count), model, load) * count).toBeCloseTo(stepTimeMs(chip, model, load), 3);
      }),
    );
  });

  test('of nothing is nothing, even while keys and values lie in memory', () => {
    const chip = { memoryBandwidthTbPerS: 4, denseTflops: 1_600, memoryGb: 80 };
    expect(stepTimeMs(chip, dense8b, { prefillTokens: 0, decodeSequences: 0, residentKvTokens: 9 }, { factor: 2, overheadMs: 3 })).toBe(0);
  });

  test('refuses what no chip and no load can be', () => {
    const chip = { memoryBandwidthTbPerS: 4, denseTflops: 1_600, memoryGb: 80 };
    const load = { prefillTokens: 1, decodeSequences: 1, residentKvTokens: 1 };
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => stepTimeMs(chip, dense8b, { ...load, decodeSequences: bad })).toThrow(RangeError);
    }
    expect(() => stepTimeMs({ ...chip, memoryBandwidthTbPerS: 0 }, dense8b, load)).toThrow(RangeError);
    expect(() => stepTimeMs(chip, dense8b, load, { factor: 0.9, overheadMs: 0 })).toThrow(RangeError);
    expect(() => groupOfChips(chip, 0)).toThrow(RangeError);
  });
});

describe('the capacity for keys and values', () => {
  test('is what the weights leave of nine tenths of the memory', () => {
    expect(kvCapacityTokens({ memoryBandwidthTbPerS: 1, denseTflops: 1, memoryGb: 80 }, dense8b)).toBe(Math.floor(64e9 / 65_536));
  });

  test('is none where the weights do not fit', () => {
    expect(kvCapacityTokens({ memoryBandwidthTbPerS: 80, denseTflops: 188, memoryGb: 0.23 }, dense8b)).toBe(0);
  });
});
