import { describe, expect, test } from 'vitest';
import { readTrace } from './read-trace.ts';
import { seededRandom } from '../../std/random.ts';
import { shapeTrace } from './shape-trace.ts';
import { syntheticTrace, type ArrivalProcess } from './synthetic-trace.ts';

const options = { model: 'm', sloClass: 'interactive', prefixBlockTokens: 64 };
const read = (...lines: string[]) => [...readTrace(lines, options)];

describe('a trace', () => {
  test('of Azure counts from its first request, with all digits of its times', () => {
    expect(
      read('TIMESTAMP,ContextTokens,GeneratedTokens', '2023-11-16 18:15:46.6805900,374,44', '2023-11-16 18:15:50.9951690,396,109'),
    ).toMatchObject([
      { atMs: 0, promptTokens: 374, outputTokens: 44 },
      { atMs: expect.closeTo(4314.579, 3), promptTokens: 396, outputTokens: 109 },
    ]);
  });

  test('of Mooncake has a hash for each whole block', () => {
    const [request] = read('{"timestamp": 27, "input_length": 1100, "output_length": 5, "hash_ids": [7, 8, 9]}');
    expect(request).toMatchObject({ atMs: 27, promptTokens: 1100, outputTokens: 5, prefixBlockTokens: 512 });
    expect([...(request?.prefixHashes ?? [])]).toEqual([7, 8]);
  });

  test('of our ledger is each request’s first attempt whose tokens are known', () => {
    const found = read(
      'attempt_id,request_id,opened_at,team,ordinal,reason,input_tokens,cached_input_tokens,output_tokens',
      'a,r,2026-11-25T10:00:00.000Z,"one, two",1,first,100,0,20\r',
      'b,r,2026-11-25T10:00:00.500Z,t,2,retry,100,0,20\r',
      'c,s,2026-11-25T10:00:01.000Z,t,1,first,,,\r',
      'd,u,2026-11-25T10:00:02.000Z,t,1,first,5,0,6\r',
    );
    expect(found).toMatchObject([
      { atMs: 0, promptTokens: 100, outputTokens: 20 },
      { atMs: 2000, promptTokens: 5, outputTokens: 6 },
    ]);
  });

  test.each([
    [['TIMESTAMP,ContextTokens,GeneratedTokens', '2023-11-16 18:15:46.68,many,44'], /line 2: ContextTokens is `many`/],
    [['TIMESTAMP,ContextTokens,GeneratedTokens', 'soon,1,44'], /line 2: `soon` is no time/],
    [['{"timestamp": 1}'], /line 1: `input_length`/],
    [['{"timestamp": 1, "input_length": 1, "output_length": 1, "hash_ids": []}', '{'], /line 2: this is not JSON/],
    [['id,name'], /line 1: this is no trace that is known here/],
    [[], /the trace is empty/],
  ])('that is wrong says where and what', (lines, message) => {
    expect(() => read(...lines)).toThrow(message);
  });

  test('can be made faster, with its gaps varied by a seed', () => {
    const lines = Array.from({ length: 50 }, (_, index) => `{"timestamp": ${index * 100}, "input_length": 1, "output_length": 1, "hash_ids": []}`);
    const shaped = [...shapeTrace(readTrace(lines, options), { skip: 10, most: 30, speed: 2, jitter: 0.5, random: seededRandom(1) })];
    expect(shaped).toHaveLength(30);
    expect(shaped[0]?.atMs).toBe(0);
    const gaps = shaped.slice(1).map(({ atMs }, index) => atMs - (shaped[index]?.atMs ?? 0));
    for (const gap of gaps) expect(gap > 24 && gap < 76).toBe(true);
    expect(new Set(gaps).size).toBeGreaterThan(10);
  });
});

describe('a synthetic trace', () => {
  test.each<[ArrivalProcess, number]>([
    [{ kind: 'poisson', perSecond: 20 }, 1],
    [{ kind: 'gamma', perSecond: 20, cv: 0.5 }, 0.5],
    [{ kind: 'gamma', perSecond: 20, cv: 3 }, 3],
    [{ kind: 'bursts', perSecond: 20, factor: 10, onMs: 1000, everyMs: 10_000 }, Number.NaN],
  ])('keeps its rate, and its gaps their law: %o', (arrivals, cv) => {
    const lengths = { median: 100, sigma: 0.5, most: 1000 };
    const made = [...syntheticTrace({ arrivals, requests: 20_000, ...options, prompt: lengths, output: lengths, random: seededRandom(5) })];
    const seconds = (made.at(-1)?.atMs ?? 0) / 1000;
    expect(20_000 / seconds / 20).toBeCloseTo(1, 1);
    const gaps = made.slice(1).map(({ atMs }, index) => atMs - (made[index]?.atMs ?? 0));
    const mean = gaps.reduce((total, gap) => total + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((total, gap) => total + (gap - mean) ** 2, 0) / gaps.length);
    if (!Number.isNaN(cv)) expect(deviation / mean / cv).toBeCloseTo(1, 1);
    const lengthsMade = made.map(({ promptTokens }) => promptTokens).toSorted((a, b) => a - b);
    expect(lengthsMade[10_000]).toBeGreaterThan(97);
    expect(lengthsMade[10_000]).toBeLessThan(103);
  });

  test('shares whole blocks within a group, and a whole prompt only with its own repetition', () => {
    const lengths = { median: 300, sigma: 0, most: 1000 };
    const made = [
      ...syntheticTrace({
        arrivals: { kind: 'poisson', perSecond: 1 },
        requests: 500,
        ...options,
        prompt: lengths,
        output: lengths,
        shared: { groups: 2, tokens: 128, membersPerGroup: 3 },
        random: seededRandom(2),
      }),
    ];
    expect(new Set(made.map(({ prefixHashes }) => prefixHashes.slice(0, 2).join())).size).toBe(2);
    expect(new Set(made.map(({ prefixHashes }) => prefixHashes.join())).size).toBe(6);
  });
});
