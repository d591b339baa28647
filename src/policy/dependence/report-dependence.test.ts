import { expect, test } from 'vitest';
import fc from 'fast-check';
import { reportDependence, type DependenceFacts } from './report-dependence.ts';
import { replayable } from '../../std/testing/replayable.ts';
import type { FleetPlace, LoadRow } from './load-row.ts';

const row = (said: Partial<LoadRow>): LoadRow => ({
  atWallMs: 0,
  model: 'm',
  endpointId: 'green',
  vendor: 'nvidia',
  chip: 'H100',
  evidence: 'declared',
  requests: 1,
  tokens: 600,
  usd: 0.1,
  unpriced: 0,
  attempts: 1,
  good: 1,
  ...said,
});
const place = (said: Partial<FleetPlace>): FleetPlace => ({
  id: 'green',
  vendor: 'nvidia',
  chip: 'H100',
  evidence: 'declared',
  models: ['m'],
  failureDomains: ['endpoint:green'],
  processor: 'self',
  absent: undefined,
  declaredTokensPerSecond: undefined,
  ...said,
});
const red = { endpointId: 'red', vendor: 'amd', chip: 'MI300X' } as const;
const redPlace = place({ id: 'red', vendor: 'amd', chip: 'MI300X', failureDomains: ['endpoint:red'] });

function report(rows: readonly LoadRow[], places: readonly FleetPlace[], said: Partial<DependenceFacts['question']> = {}) {
  const question = { bucketMs: 60_000, controlGroupOf: (vendor: string) => vendor, whyUnapproved: () => undefined, ...said };
  return reportDependence({ asOfWallMs: 60_000, windowMs: 86_400_000, loads: [{ sloClass: 'any', rows }], places, caps: [], question });
}

const lossOf = (answer: ReturnType<typeof report>, name: string) => answer.outages.find(({ lost }) => lost.name === name);

test('shares are of real tokens, with their evidence; what is emulated stands apart', () => {
  const answer = report([row({}), row({ ...red, tokens: 200 }), row({ evidence: 'emulated', vendor: 'groq', tokens: 9999 })], [place({}), redPlace]);
  expect(answer.shares.map(({ vendor, share, evidence }) => [vendor, share, evidence])).toEqual([
    ['nvidia', 0.75, { declared: 600 }],
    ['amd', 0.25, { declared: 200 }],
  ]);
  expect([answer.emulatedTokens, answer.concentration.vendor]).toEqual([9999, 0.75 ** 2 + 0.25 ** 2]);
  expect(answer.overTime.points).toEqual([{ atWallMs: 0, tokens: { nvidia: 600, amd: 200 } }]);
});

test('control groups that the operator joins are one in the concentration and in what has no second source', () => {
  const answer = report([row({}), row(red)], [place({}), redPlace], { controlGroupOf: () => 'both' });
  expect([answer.concentration.controlGroup, answer.withoutSecondSource]).toEqual([1, ['m']]);
  expect(lossOf(answer, 'both')).toMatchObject({ atLeast: 0, lost: { by: 'controlGroup' } });
});

test('without a vendor, the rest is trusted with what it was seen to serve within the SLO, at the busiest moment together', () => {
  const rows = [row({}), row({ ...red, tokens: 300 }), row({ ...red, atWallMs: 60_000, tokens: 450 })];
  const answer = report(rows, [place({}), redPlace]);
  expect(lossOf(answer, 'nvidia')).toMatchObject({ peakTokensPerSecond: 15, atLeast: 0.5 });
  expect(answer.sentence).toBe('56 % of all tokens came from amd; without it, the others could surely serve 67 % of the peak load.');
});

test('what missed the SLO, unknown silicon, shared failure domains and unapproved processors stand in for nobody', () => {
  const peak = row({});
  const left = (rows: readonly LoadRow[], places: readonly FleetPlace[], said = {}) =>
    lossOf(report([peak, ...rows], [place({}), ...places], said), 'nvidia');
  expect(left([row({ ...red, attempts: 10, good: 9 })], [redPlace])).toMatchObject({
    atLeast: 0,
    leftOut: [{ endpointId: 'red', why: 'no capacity was seen there, and none is declared' }],
  });
  expect(left([row({ ...red, vendor: 'unknown' })], [{ ...redPlace, vendor: 'unknown', evidence: 'unknown' }])).toMatchObject({ atLeast: 0 });
  expect(left([row(red)], [{ ...redPlace, failureDomains: ['endpoint:green'] }])).toMatchObject({
    atLeast: 0,
    leftOut: [{ why: 'shares endpoint:green with what is lost' }],
  });
  expect(left([row(red)], [redPlace], { whyUnapproved: () => 'not approved by team red' })).toMatchObject({ atLeast: 0 });
  expect(left([row(red)], [{ ...redPlace, absent: 'it is down' }])).toMatchObject({ atLeast: 0, leftOut: [{ why: 'it is down' }] });
  expect(left([], [{ ...redPlace, declaredTokensPerSecond: 5 }])).toMatchObject({ atLeast: 0.5, leftOut: [] });
});

test('an endpoint of several models stands in for each with an equal part of its time', () => {
  const both = { ...redPlace, models: ['m', 'n'] };
  const answer = report([row({}), row({ ...red, atWallMs: 60_000 }), row({ ...red, atWallMs: 120_000, model: 'n' })], [place({}), both]);
  expect(lossOf(answer, 'nvidia')).toMatchObject({ model: 'm', atLeast: 0.5 });
});

test('models that nobody else serves come first', () => {
  const rows = [row({}), row(red), row({ model: 'alone', tokens: 10 })];
  const answer = report(rows, [place({ models: ['m', 'alone'] }), redPlace]);
  expect(answer.withoutSecondSource).toEqual(['alone']);
  expect(answer.outages[0]).toMatchObject({ model: 'alone', atLeast: 0 });
  expect(answer.sentence).toContain('No second source: alone.');
});

test('without any real token nothing is claimed', () => {
  const answer = report([row({ evidence: 'emulated' })], [place({ evidence: 'emulated' })]);
  expect([answer.shares, answer.concentration.vendor, answer.outages]).toEqual([[], undefined, []]);
  expect(answer.sentence).toContain('nothing can be said of dependence yet');
});

const anyRow = fc.record({
  atWallMs: fc.integer({ min: 0, max: 5 }).map((bucket) => bucket * 60_000),
  endpointId: fc.constantFrom('green', 'red', 'blue'),
  model: fc.constantFrom('m', 'n'),
  tokens: fc.integer({ min: 0, max: 1000 }),
  good: fc.integer({ min: 0, max: 1 }),
});

test('whatever was served: shares add up to one, bounds are parts, and more seen capacity never lowers one', () => {
  const vendors: Readonly<Record<string, string>> = { green: 'nvidia', red: 'amd', blue: 'intel' };
  const places = Object.entries(vendors).map(([id, vendor]) => place({ id, vendor, models: ['m', 'n'], failureDomains: [id] }));
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 20 }), (said) => {
      const rows = said.map((one) => row({ ...one, vendor: vendors[one.endpointId] ?? '' }));
      const answer = report(rows, places);
      const whole = answer.shares.reduce((sum, { share }) => sum + share, 0);
      expect([0, 1].some((sum) => Math.abs(whole - sum) < 1e-9)).toBe(true);
      const better = report(
        rows,
        places.map((one) => ({ ...one, declaredTokensPerSecond: 1e6 })),
      );
      for (const { atLeast, model, lost } of answer.outages) {
        expect(atLeast >= 0 && atLeast <= 1).toBe(true);
        const again = better.outages.find((other) => other.model === model && other.lost.by === lost.by && other.lost.name === lost.name);
        expect(again?.atLeast).toBeGreaterThanOrEqual(atLeast);
      }
    }),
    replayable('src/policy/dependence', 200),
  );
});
