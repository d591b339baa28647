import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchingReplica, type ReplicaShape } from './batching-replica.ts';
import { Job } from './job.ts';
import { runStepwise, type PlainEnd, type PlainJob } from '../testing/stepwise-replica.ts';
import { RooflineStepModel } from '../step/roofline-step-model.ts';
import { sampleModel } from '../testing/sample-fleet.ts';
import { TableStepModel } from '../step/table-step-model.ts';
import type { StepModel } from '../step/step-model.ts';

const chip = { memoryBandwidthTbPerS: 3.35, denseTflops: 989, memoryGb: 80 };
const roofline = new RooflineStepModel(chip, sampleModel, { computeFactor: 1.6, memoryFactor: 1.4, overheadMs: 2, perSequenceMs: 0.02 });
/** So slow at arithmetic that decode steps cross from one roofline to the other. */
const crossing = new RooflineStepModel({ ...chip, denseTflops: 3 }, sampleModel, {
  computeFactor: 1.1,
  memoryFactor: 1,
  overheadMs: 0.5,
  perSequenceMs: 0,
});
const table = new TableStepModel({ sequences: [1, 4, 16], decodeMs: [8, 9, 20], perPrefillTokenMs: 0.03, perKvTokenMs: 0.0001 });

const shapes = fc
  .record({
    stepModel: fc.constantFrom<StepModel>(roofline, crossing, table),
    capacityBlocks: fc.integer({ min: 60, max: 400 }),
    maxSequences: fc.integer({ min: 1, max: 12 }),
    maxBatchTokens: fc.integer({ min: 12, max: 300 }),
    reservesWholePrompt: fc.boolean(),
  })
  .map((drawn): ReplicaShape => ({ ...drawn, blockTokens: 4, prefixBlockTokens: 16, cachesPrefixes: true }));

const jobLists = fc
  .array(
    fc.record({
      // Never 0: of two in the same instant the first begins a step alone, which is a matter of taste.
      gapMs: fc.oneof(fc.constant(0.01), fc.double({ min: 0.01, max: 120, noNaN: true })),
      promptTokens: fc.integer({ min: 1, max: 150 }),
      outputTokens: fc.integer({ min: 1, max: 80 }),
      group: fc.nat(2),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((drawn) => {
    let atMs = 0;
    return drawn.map(({ gapMs, promptTokens, outputTokens, group }, id): PlainJob => {
      atMs += gapMs;
      const hashes = Array.from({ length: Math.floor(promptTokens / 16) }, (_, index) => group * 100 + index);
      return { id, atMs, promptTokens, outputTokens, hashes };
    });
  });

/** Runs the fast replica alone, and checks after every event what always holds. */
function runFast(
  shape: ReplicaShape,
  jobs: readonly PlainJob[],
): { readonly ends: ReadonlyMap<number, PlainEnd>; readonly replica: BatchingReplica } {
  const ends = new Map<number, PlainEnd>();
  const firsts = new Map<number, number>();
  const replica = new BatchingReplica(shape, {
    gaveFirstToken: ({ arrival }, atMs) => {
      if (!firsts.has(arrival.id)) firsts.set(arrival.id, atMs);
    },
    finished: ({ arrival, generated, outputTokens }, finishedMs) => {
      expect(generated).toBe(outputTokens);
      expect(ends.has(arrival.id)).toBe(false);
      ends.set(arrival.id, { firstTokenMs: firsts.get(arrival.id) ?? 0, finishedMs });
    },
    outgrew: () => expect.unreachable(),
  });
  const check = (): void => {
    expect(replica.memory.availableBlocks).toBeGreaterThanOrEqual(0);
    expect(replica.memory.usedBlocks + replica.memory.cache.idle * 4).toBeLessThanOrEqual(shape.capacityBlocks);
    expect(replica.memory.privateBlocks).toBeGreaterThanOrEqual(0);
    expect(replica.runningCount).toBeLessThanOrEqual(shape.maxSequences);
  };
  const runUntil = (atMs: number): void => {
    while (replica.nextEventMs <= atMs && replica.nextEventMs < Infinity) {
      const before = replica.nextEventMs;
      replica.advance(before);
      expect(replica.nextEventMs).toBeGreaterThan(before);
      check();
    }
  };
  for (const { id, atMs, promptTokens, outputTokens, hashes } of jobs) {
    runUntil(atMs);
    const arrival = {
      id,
      atMs,
      model: 'm',
      promptTokens,
      maxTokens: undefined,
      prefixHashes: Int32Array.from(hashes),
      prefixBlockTokens: 16,
      sloClass: 'c',
    };
    replica.enqueue(new Job(arrival, outputTokens), atMs);
    check();
  }
  runUntil(Infinity);
  return { ends, replica };
}

describe('a replica that skips over steps', () => {
  test('gives every first token and every end when a replica that goes step by step gives it', () => {
    let preempted = 0;
    let reused = 0;
    fc.assert(
      fc.property(shapes, jobLists, (shape, jobs) => {
        const slow = runStepwise(shape, jobs);
        const { ends, replica } = runFast(shape, jobs);
        preempted += slow.preemptions;
        reused += replica.reusedPromptTokens;
        expect(replica.preemptions).toBe(slow.preemptions);
        expect(ends.size).toBe(jobs.length);
        for (const [id, { firstTokenMs, finishedMs }] of slow.ends) {
          expect(ends.get(id)?.firstTokenMs).toBeCloseTo(firstTokenMs, 6);
          expect(ends.get(id)?.finishedMs).toBeCloseTo(finishedMs, 6);
        }
      }),
      { numRuns: 400 },
    );
    // Runs without pre-emption or a shared beginning would have proven little about either.
    expect(preempted).toBeGreaterThan(100);
    expect(reused).toBeGreaterThan(1000);
  });

  test('holds nothing once all are answered, but what lies in the cache', () => {
    fc.assert(
      fc.property(shapes, jobLists, (shape, jobs) => {
        const { replica } = runFast(shape, jobs);
        expect({ used: replica.memory.usedBlocks, running: replica.runningCount, waiting: replica.waitingCount }).toEqual({
          used: 0,
          running: 0,
          waiting: 0,
        });
      }),
      { numRuns: 50 },
    );
  });
});
