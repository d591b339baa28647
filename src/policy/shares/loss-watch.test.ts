import { expect, test } from 'vitest';
import { LossWatch, type WatchedPlace } from './loss-watch.ts';
import type { EndpointState } from '../../fleet/candidate.ts';

const place = (vendor: string, state: EndpointState, ...models: readonly string[]): WatchedPlace => ({ vendor, state, models });

test('a vendor is lost for the models of which all its endpoints are out for long enough, and for no others', () => {
  const watch = new LossWatch(() => 1000);
  const places = [place('amd', 'down', 'a', 'b'), place('amd', 'ready', 'b'), place('nvidia', 'ejected', 'a'), place('nvidia', 'parked', 'a')];
  expect(watch.look(places, 0)).toEqual([]);
  expect(watch.look(places, 999)).toEqual([]);
  expect(watch.look(places, 1000)).toEqual([{ vendor: 'amd', models: ['a'] }]);
});

test('whoever is tried again is lost until it answers, and the time runs anew after that', () => {
  const watch = new LossWatch(() => 1000);
  const at = (state: EndpointState, nowMs: number): readonly string[] => watch.look([place('amd', state, 'a')], nowMs).map(({ vendor }) => vendor);
  expect([at('ejected', 0), at('trial', 500), at('ejected', 1000), at('trial', 1500)]).toEqual([[], [], ['amd'], ['amd']]);
  expect([at('ready', 2000), at('down', 2500), at('down', 3499), at('down', 3500)]).toEqual([[], [], [], ['amd']]);
});

test('silicon that nobody knows is no vendor that could be lost', () => {
  const watch = new LossWatch(() => 0);
  expect(watch.look([place('unknown', 'down', 'a')], 0)).toEqual([]);
});
