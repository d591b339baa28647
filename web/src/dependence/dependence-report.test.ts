import { expect, test } from 'vitest';
import { readDependence } from './dependence-report.ts';
import { sampleBody } from './testing/sample-body.ts';

test('a report is read whole, its largest share first, and what is unknown stays unknown', () => {
  const report = readDependence(sampleBody());
  expect(report?.shares.map(({ vendor, usd }) => [vendor, usd])).toEqual([
    ['nvidia', 12.5],
    ['amd', undefined],
  ]);
  expect(report?.concentration).toEqual({ vendor: 0.58, controlGroup: undefined });
  expect(report?.caps[0]?.displaced).toEqual({ requests: 3, tokens: 900, extraUsd: undefined, extraTtftMs: undefined });
  expect(report?.overTime.points.map(({ atWallMs }) => atWallMs)).toEqual([1_000, 2_000]);
});

test('a vendor may have any name', () => {
  const body: { at: unknown } = JSON.parse(`{"at":{"atWallMs":1,"tokens":{"__proto__":5}}}`);
  const report = readDependence({ ...sampleBody(), overTime: { bucketMs: 1_000, points: [body.at] } });
  expect([...(report?.overTime.points[0]?.tokens ?? [])]).toEqual([['__proto__', 5]]);
});

test('a report with anything of another shape is not understood, rather than shown in part', () => {
  const hostile = [null, 'x', Number.NEGATIVE_INFINITY, [], {}, [null], [{ by: 'planet' }]];
  for (const member of Object.keys(sampleBody()))
    for (const value of hostile) {
      const read = readDependence({ ...sampleBody(), [member]: value });
      const isFine =
        (Array.isArray(value) && value.length === 0) ||
        (member === 'sentence' && value === 'x') ||
        (member === 'concentration' && !Array.isArray(value));
      if (!isFine) expect([member, value, read]).toEqual([member, value, undefined]);
    }
  expect(readDependence(undefined)).toBeUndefined();
});

test('a state of a cap that nobody knows is not taken for another', () => {
  const [cap] = sampleBody().caps;
  expect(readDependence({ ...sampleBody(), caps: [{ ...cap, state: 'melting' }] })).toBeUndefined();
});

test('a figure that JSON spells as infinite is no figure', () => {
  expect(readDependence({ ...sampleBody(), windowMs: JSON.parse('1e999') })).toBeUndefined();
});
