import { describe, expect, test } from 'vitest';
import { drawSimulation } from './testing/draw-simulation.ts';
import { leastRequest } from './baselines/least-request.ts';
import { listedTrace } from './trace/listed-trace.ts';
import { noPrefix, type TraceRequest } from './trace/trace.ts';
import { sampleFleet, samplePools } from './testing/sample-fleet.ts';
import { simulateFleet, type SimulationResult } from './simulate-fleet.ts';
import { SimulatedPlace } from './simulated-place.ts';
import type { Fault } from './fault/fault.ts';
import type { Outcome } from './tally/outcome.ts';
import type { Router } from './router.ts';

const onlySeed = process.env['SEED'];
const seeds = onlySeed === undefined ? Array.from({ length: 150 }, (_, index) => index) : [Number(onlySeed)];
const replay = (seed: number): string => `replay with: SEED=${seed} npm test -- src/simulate/simulate-fleet.test.ts`;

/** Looks at every replica whenever a request is routed. */
function watched(router: Router, seen: (place: SimulatedPlace) => void): Router {
  return {
    ...router,
    choose: (arrival, fleet, nowMs) => {
      for (const view of fleet) if (view instanceof SimulatedPlace) seen(view);
      return router.choose(arrival, fleet, nowMs);
    },
  };
}

function run(seed: number): { readonly result: SimulationResult; readonly outcomes: readonly Outcome[] } {
  const drawn = drawSimulation(seed);
  const outcomes: Outcome[] = [];
  const broken: string[] = [];
  // Looked at some hundred thousand times, so one assertion at the end.
  const router = watched(drawn.router, ({ engine, running, spec }) => {
    if (engine.memory.privateBlocks < 0) broken.push(`${spec.id} has freed more than it held`);
    if (engine.memory.freeBlocks < 0) broken.push(`${spec.id} holds more than its memory`);
    if (running < engine.runningCount + engine.waitingCount) broken.push(`${spec.id} runs what nobody sent`);
  });
  const result = simulateFleet({ ...drawn, router, onOutcome: (outcome) => outcomes.push(outcome) });
  expect(broken, replay(seed)).toEqual([]);
  return { result, outcomes };
}

const sum = <Item>(items: Iterable<Item>, of: (item: Item) => number): number => [...items].reduce((total, item) => total + of(item), 0);

describe('a simulated fleet', () => {
  test('loses and doubles no request and no token, whatever breaks, and holds nothing at the end', () => {
    const kinds = { lost: 0, refused: 0, preempted: 0, reused: 0 };
    for (const seed of seeds) {
      const { result, outcomes } = run(seed);
      const ids = new Set(outcomes.map(({ arrival }) => arrival.id));
      expect({ ends: outcomes.length, requests: ids.size, counted: result.tally.requests }, replay(seed)).toEqual({
        ends: 300,
        requests: 300,
        counted: 300,
      });
      expect(result.tally.finished + result.tally.refused, replay(seed)).toBe(300);
      expect(
        sum(result.places, ({ engine }) => engine.generatedTokens),
        replay(seed),
      ).toBe(sum(outcomes, ({ outputTokens }) => outputTokens));
      for (const { engine, running } of result.places)
        expect({ running, used: engine.memory.usedBlocks, waiting: engine.waitingCount }, replay(seed)).toEqual({ running: 0, used: 0, waiting: 0 });
      for (const { kind, ttftMs, totalMs, queuedMs } of outcomes)
        if (kind === 'finished' && !(ttftMs > 0 && totalMs >= ttftMs && queuedMs >= 0)) expect.unreachable(replay(seed));
      kinds.lost += sum(outcomes, ({ losses }) => losses);
      kinds.refused += result.tally.refused;
      kinds.preempted += sum(result.places, ({ engine }) => engine.preemptions);
      kinds.reused += sum(result.places, ({ engine }) => engine.reusedPromptTokens);
    }
    if (onlySeed !== undefined) return;
    // Worlds in which one of these never came would have proven little about it.
    for (const [kind, count] of Object.entries(kinds)) expect(count, kind).toBeGreaterThan(100);
  }, 120_000);

  test('is one run for one seed, to the last bit', () => {
    for (const seed of seeds.slice(0, 20)) {
      const [once, again] = [run(seed), run(seed)];
      expect(JSON.stringify(once.outcomes), replay(seed)).toBe(JSON.stringify(again.outcomes));
      expect(once.result.endMs, replay(seed)).toBe(again.result.endMs);
    }
  });
});

const request = (atMs: number, more: Partial<TraceRequest> = {}): TraceRequest => ({
  atMs,
  model: 'm',
  promptTokens: 1000,
  outputTokens: 200,
  maxTokens: undefined,
  prefixHashes: noPrefix,
  prefixBlockTokens: 512,
  sloClass: 'interactive',
  ...more,
});

function outcomesOf(requests: readonly TraceRequest[], faults: readonly Fault[], maxWaiting = 100): Outcome[] {
  const outcomes: Outcome[] = [];
  const fleet = sampleFleet({ pools: samplePools.slice(0, 2).map((pool) => ({ ...pool, count: 1 })), maxWaiting });
  simulateFleet({ fleet, trace: listedTrace(requests), router: leastRequest(), faults, seed: 1, onOutcome: (outcome) => outcomes.push(outcome) });
  return outcomes.toSorted((a, b) => a.arrival.id - b.arrival.id);
}

describe('faults', () => {
  const nvidia = { by: 'vendor', name: 'nvidia' } as const;

  test('a lost vendor’s answers go on elsewhere, and only their pause shows', () => {
    const [calm] = outcomesOf([request(0)], []);
    const [struck] = outcomesOf([request(0)], [{ kind: 'loss', target: nvidia, atMs: 500, forMs: 1000, coldStartMs: 0 }]);
    expect(struck).toMatchObject({ kind: 'finished', losses: 1, replica: 1, ttftMs: calm?.ttftMs });
    expect(struck?.outputTokens).toBe(200);
  });

  test('a chip that is twice as slow takes twice as long', () => {
    const [calm] = outcomesOf([request(0)], []);
    const [slow] = outcomesOf([request(1)], [{ kind: 'slow', target: nvidia, atMs: 0, forMs: 1e9, factor: 2 }]);
    expect((slow?.totalMs ?? 0) / (calm?.totalMs ?? 1)).toBeCloseTo(2, 6);
  });

  test('a place that refuses everything is left alone for the time that it asks for', () => {
    const storm: Fault = { kind: 'refusals', target: nvidia, atMs: 0, forMs: 1e9, share: 1, retryAfterMs: 5000 };
    const found = outcomesOf([request(1), request(10), request(4000)], [storm]);
    expect(found.map(({ kind, replica, attempts }) => ({ kind, replica, attempts }))).toEqual([
      { kind: 'finished', replica: 1, attempts: 2 },
      { kind: 'finished', replica: 1, attempts: 1 },
      { kind: 'finished', replica: 1, attempts: 1 },
    ]);
  });

  test('a place that is cold takes nothing until it has started', () => {
    const faults: Fault[] = [{ kind: 'loss', target: nvidia, atMs: 10, forMs: 1000, coldStartMs: 60_000 }];
    const found = outcomesOf([request(20_000), request(20_001), request(120_000)], faults);
    expect(found.map(({ replica }) => replica)).toEqual([1, 1, 0]);
  });

  test('a memory that shrinks pre-empts, and what no longer fits goes elsewhere', () => {
    const [struck] = outcomesOf([request(0)], [{ kind: 'kv-cliff', target: nvidia, atMs: 500, forMs: 1e9, share: 0.001 }]);
    expect(struck).toMatchObject({ kind: 'finished', replica: 1, outputTokens: 200 });
  });
});
