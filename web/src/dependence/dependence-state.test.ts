import { expect, test } from 'vitest';
import { afterLook, type Dependence } from './dependence-state.ts';
import { readDependence } from './dependence-report.ts';
import { sampleBody } from './testing/sample-body.ts';

const report = readDependence(sampleBody());
if (report === undefined) throw new Error('the sample is not understood');
const known: Dependence = { kind: 'known', report, receivedAtWallMs: 1_000, lookedAtWallMs: 1_000, asked: '24h', stale: undefined };
const trouble = { message: 'No.', code: 'no' };

test('what was seen stays when contact is lost, with when it was seen and why nothing newer came', () => {
  const after = afterLook(known, { kind: 'unreachable' }, '7d', 61_000);
  expect(after).toEqual({ ...known, lookedAtWallMs: 61_000, stale: 'the gateway cannot be reached.' });
  expect(afterLook(after, { kind: 'received', value: report }, '7d', 90_000)).toEqual({
    ...known,
    receivedAtWallMs: 90_000,
    lookedAtWallMs: 90_000,
    asked: '7d',
  });
});

test('whoever is signed out, or may not see it any more, sees nothing of what was shown', () => {
  expect(afterLook(known, { kind: 'refused', status: 401, trouble }, '24h', 2_000)).toEqual({ kind: 'signed-out' });
  expect(afterLook(known, { kind: 'refused', status: 403, trouble }, '24h', 2_000)).toEqual({ kind: 'failed', why: 'No.' });
});

test('before anything was seen, trouble is an error', () => {
  expect(afterLook({ kind: 'loading' }, { kind: 'unreachable' }, '24h', 2_000)).toEqual({ kind: 'failed', why: 'the gateway cannot be reached.' });
});
