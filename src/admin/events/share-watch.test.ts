import { expect, test } from 'vitest';
import { EventHub, type ControlEvent } from './event-hub.ts';
import { ShareWatch } from './share-watch.ts';
import { virtualClock } from '../../../test/support/virtual-clock.ts';
import type { CapStanding, DependenceReport, OutageBound } from '../../policy/dependence/dependence-report.ts';
import type { CapTally } from '../../policy/shares/cap-tally.ts';

const tally = (state: CapStanding['state']): CapTally => ({
  id: 'green',
  group: 1,
  rest: 1,
  standing: {
    group: { by: 'vendor', name: 'nvidia' },
    measure: 'tokens',
    kind: 'hard',
    most: 0.5,
    windowMs: 3_600_000,
    share: 0.5,
    state,
    displaced: { requests: 0, tokens: 0, extraUsd: 0, extraTtftMs: undefined },
  },
});
const bound = (atLeast: number): OutageBound => ({
  model: 'm',
  sloClass: 'any',
  lost: { by: 'vendor', name: 'nvidia' },
  atLeast,
  peakTokensPerSecond: 10,
  leftOut: [],
});

test('nearness is told once a window, yielding with its end, and N-1 when it falls below what is asked for', async () => {
  const clock = virtualClock();
  const hub = new EventHub(clock);
  const told: ControlEvent[] = [];
  hub.follow((event) => told.push(event) > 0);
  let state: CapStanding['state'] = 'room';
  let atLeast = 1;
  const report = async (): Promise<DependenceReport> => ({
    asOfWallMs: 0,
    windowMs: 1,
    sentence: '',
    shares: [],
    emulatedTokens: 0,
    concentration: { vendor: undefined, controlGroup: undefined },
    caps: [],
    overTime: { bucketMs: 1, points: [] },
    outages: [bound(atLeast)],
    withoutSecondSource: [],
  });
  const watch = new ShareWatch({ caps: async () => [tally(state)], report, rules: () => ({ alertBelowPercent: 80, lookEveryMs: 0 }) }, hub, clock);
  watch.start();
  const look = async (): Promise<readonly string[]> => {
    clock.step();
    await new Promise(setImmediate);
    return told.splice(0).map(({ kind, data }) => `${kind}${data['yields'] === undefined ? '' : ` ${String(data['yields'])}`}`);
  };
  expect(await look()).toEqual([]);
  state = 'near';
  expect([await look(), await look()]).toEqual([['share.near'], []]);
  state = 'binding';
  expect(await look()).toEqual(['share.binding']);
  state = 'near';
  expect(await look()).toEqual([]);
  state = 'yielding';
  expect([await look(), await look()]).toEqual([['share.yielding true'], []]);
  state = 'room';
  atLeast = 0.5;
  expect([await look(), await look()]).toEqual([['share.yielding false', 'nMinusOne.fell'], []]);
  watch.stop();
});
