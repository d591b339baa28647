import { expect, test } from 'vitest';
import { EventHub, type ControlEvent } from './event-hub.ts';
import { endpointStatus } from '../../../test/support/silent-gateway.ts';
import { StateWatch } from './state-watch.ts';
import { virtualClock } from '../../../test/support/virtual-clock.ts';
import type { BudgetStanding } from '../../budget/budgets.ts';
import type { EndpointStatus } from '../../fleet/fleet.ts';

const day: BudgetStanding = { level: 'team', id: 'red', of: 'usd', period: 'day', most: 10, spent: 0, reserved: 9, endsAtWallMs: 1 };

test('a change of state is told once, an endpoint that goes too; a budget at 80 and at 100 percent, in each period once', async () => {
  const clock = virtualClock();
  const hub = new EventHub(clock);
  const told: ControlEvent[] = [];
  hub.follow((event) => told.push(event) > 0);
  let endpoints: readonly EndpointStatus[] = [endpointStatus()];
  let budgets: readonly BudgetStanding[] = [day];
  const stop = new StateWatch({ endpoints: async () => endpoints, budgets: () => budgets }, hub, clock).follow();
  await new Promise(setImmediate);
  const look = async (): Promise<readonly string[]> => {
    clock.step();
    await new Promise(setImmediate);
    return told.splice(0).map(({ kind, data }) => `${kind} ${String(data['state'] ?? data['percent'])}`);
  };
  expect(await look()).toEqual([]);
  endpoints = [endpointStatus({ state: 'ejected' })];
  expect([await look(), await look()]).toEqual([['endpoint ejected'], []]);
  endpoints = [];
  expect(await look()).toEqual(['endpoint gone']);
  budgets = [{ ...day, spent: 8 }];
  expect([await look(), await look()]).toEqual([['budget 80'], []]);
  budgets = [{ ...day, spent: 10 }];
  expect([await look(), await look()]).toEqual([['budget 100'], []]);
  budgets = [{ ...day, spent: 10, endsAtWallMs: 2 }];
  expect(await look()).toEqual(['budget 100']);
  stop();
  budgets = [];
  expect(await look()).toEqual([]);
});
