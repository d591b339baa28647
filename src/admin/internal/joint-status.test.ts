import { expect, test } from 'vitest';
import { endpointStatus } from '../../../test/support/silent-gateway.ts';
import { jointStatus, type ProcessStatus } from './joint-status.ts';
import type { EndpointStatus } from '../../fleet/fleet.ts';

function status(process: number, endpoints: readonly EndpointStatus[]): ProcessStatus {
  return {
    version: '1',
    startedAtWallMs: 100 + process,
    uptimeMs: 50 - process,
    endpoints,
    models: endpoints.flatMap(({ models }) => models),
    ledger: { waitingRecords: 1, journalFailure: process === 1 ? 'the disk is full' : undefined },
    idempotency: { entries: 2, running: 1, bytes: 10 },
    storedResponses: { entries: 1, bytes: 7 },
    probableRetries: 3,
    processes: [{ process, pid: 1000 + process, running: 5 }],
  };
}

test('numbers are added, and a state is the worst that any process sees, with its reason', () => {
  const avoided = { why: 'it failed too often', untilWallMs: 9 };
  const joint = jointStatus(
    status(0, [endpointStatus({ running: 2, lastFault: { atWallMs: 4, what: 'early' } })]),
    [
      status(1, [
        endpointStatus({ running: 3, state: 'ejected', avoided, lastFault: { atWallMs: 5, what: 'late' } }),
        endpointStatus({ id: 'b', models: ['n'] }),
      ]),
    ],
    2,
  );
  expect(joint).toMatchObject({
    startedAtWallMs: 100,
    uptimeMs: 50,
    endpoints: [
      { id: 'a', running: 5, state: 'ejected', avoided, lastFault: { what: 'late' } },
      { id: 'b', running: 0 },
    ],
    models: ['m', 'n'],
    ledger: { waitingRecords: 2, journalFailure: 'the disk is full' },
    idempotency: { entries: 4, running: 2, bytes: 20 },
    storedResponses: { entries: 2, bytes: 14 },
    probableRetries: 6,
    processes: [
      { process: 0, pid: 1000 },
      { process: 1, pid: 1001 },
    ],
  });
});

test('a process that did not answer is shown as one', () => {
  expect(jointStatus(status(1, []), [], 3).processes).toEqual([
    { process: 0, pid: null, running: 0 },
    { process: 1, pid: 1001, running: 5 },
    { process: 2, pid: null, running: 0 },
  ]);
});
