import { expect, test } from 'vitest';
import { noRoutingRules, standIns, wishOf, type RoutingRules } from './routing-rules.ts';

const classOf = (name: string, degradeTo: readonly (readonly [string, string])[] = []): RoutingRules['classes'] =>
  new Map([[name, { name, degradeTo: new Map(degradeTo) }]]);
const nobody = { model: 'm', tenant: 't', keyId: 'k', slo: undefined, objective: undefined };
const rules: RoutingRules = {
  classes: new Map(['all', 'model', 'team', 'key', 'asked'].flatMap((name) => [...classOf(name)])),
  whole: { slo: 'all', objective: 'balanced' },
  models: new Map([['m', { slo: 'model', objective: 'fastest' }]]),
  teams: new Map([['t', { slo: 'team', objective: undefined }]]),
  keys: new Map([['k', { slo: 'key', objective: 'cheapest' }]]),
};

test.each([
  [{ model: 'x', tenant: 'x', keyId: 'x' }, 'all', 'balanced'],
  [{ tenant: 'x', keyId: 'x' }, 'model', 'fastest'],
  [{ keyId: 'x' }, 'team', 'fastest'],
  [{}, 'key', 'cheapest'],
  [{ slo: 'asked', objective: 'balanced' as const }, 'asked', 'balanced'],
])('a request says it, else its key, its team, its model, or all: %j', (more, slo, objective) => {
  expect(wishOf(rules, { ...nobody, ...more })).toMatchObject({ slo: { name: slo }, objective });
});

test('without rules nothing is late', () => {
  expect(wishOf(noRoutingRules, nobody)).toEqual({ slo: undefined, objective: 'balanced' });
});

test('stand-ins follow one another, and end even where a cycle slipped in', () => {
  const chain = classOf('c', [
    ['big', 'middle'],
    ['middle', 'small'],
  ]).get('c');
  const round = classOf('c', [
    ['a', 'b'],
    ['b', 'a'],
  ]).get('c');
  expect(chain && standIns(chain, 'big')).toEqual(['middle', 'small']);
  expect(chain && standIns(chain, 'small')).toEqual([]);
  expect(round && standIns(round, 'a')).toEqual(['b']);
});
