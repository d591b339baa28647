import { expect, test } from 'vitest';
import { classifyStatus } from '../upstream/classify-failure.ts';
import { classifyTransportError } from '../upstream/classify-transport-error.ts';
import { KeyPools } from './key-pools.ts';
import { sampleCandidate, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import type { EndpointKey } from '../fleet/endpoint-key.ts';
import type { KeyLease } from './key-pool.ts';

const keys: readonly EndpointKey[] = ['a', 'b'].map((name) => ({ name, key: `secret-${name}`, provisioned: false }));
const endpoint = sampleEndpoint({ id: 'one', keys, key: 'secret-a' });

function pools(): { readonly tested: KeyPools; readonly said: readonly string[] } {
  const said: string[] = [];
  const tested = new KeyPools(
    { setAsideMs: 60_000, longestSetAsideMs: 600_000, jitter: 0 },
    () => 0.5,
    (message) => said.push(message),
  );
  return { tested, said };
}

function taken(tested: KeyPools, nowMs = 0): KeyLease {
  const lease = tested.take(endpoint, 10, nowMs);
  if (lease === undefined) throw new Error('no key has room');
  return lease;
}

test.each<[number, string]>([
  [401, '{"error":{"code":"invalid_api_key","message":"x"}}'],
  [403, '{"error":{"type":"permission_error","message":"x"}}'],
  [402, ''],
  [429, '{"error":{"code":"insufficient_quota","message":"x"}}'],
])('status %i %s is of the key as long as another works, and of the endpoint when none does', (status, body) => {
  const { tested, said } = pools();
  const failure = classifyStatus(status, {}, body);
  expect(failure.health.kind).toBe('unusable');
  expect(tested.judge(endpoint, taken(tested), failure, 0)).toMatchObject({ health: { kind: 'none' }, ofKey: true });
  expect(tested.note(endpoint, 0)).toBe('keys: a refused, tried again in 60 s; b ready');
  expect(tested.judge(endpoint, taken(tested), failure, 0)).toEqual(failure);
  expect(said).toEqual([expect.stringContaining('the key `a` is set aside: status'), expect.stringContaining('`b`')]);
  expect(said.join()).not.toContain('secret');
});

test('a rate limit parks the key, and the endpoint for the shortest time only when no key has room', () => {
  const { tested } = pools();
  const busy = (seconds: number) => classifyStatus(429, { 'retry-after': String(seconds) }, '{"error":{"message":"slow down"}}');
  expect(tested.judge(endpoint, taken(tested), busy(7), 0)).toMatchObject({ health: { kind: 'none' }, ofKey: true });
  expect(tested.judge(endpoint, taken(tested), busy(30), 0)).toMatchObject({
    health: { kind: 'busy', retryAfterMs: 7000 },
    fault: { retryAfterMs: 7000 },
  });
  const seen = tested.withRoom([sampleCandidate({ endpoint }), sampleCandidate({})], 10, 1000);
  expect(seen.map(({ state, releaseInMs }) => [state, releaseInMs])).toEqual([
    ['parked', 6000],
    ['ready', 0],
  ]);
});

test('a failing endpoint that is tried for want of better ones keeps its limits, and one that waits for its operator stays so', () => {
  const { tested } = pools();
  for (const { key } of keys) tested.told({ ...endpoint, key }, [{ of: 'requests', remaining: 0, resetInMs: 9000 }], 0);
  const ejected = (cause: 'failing' | 'unusable') => sampleCandidate({ endpoint, state: 'ejected', cause, releaseInMs: 1000 });
  const unplugged = sampleCandidate({ endpoint, state: 'unplugged', cause: 'failing', releaseInMs: 1000 });
  expect(tested.withRoom([ejected('failing'), ejected('unusable'), unplugged], 10, 0)).toMatchObject([
    { state: 'parked', releaseInMs: 9000 },
    { state: 'ejected', releaseInMs: 1000 },
    { state: 'unplugged' },
  ]);
});

test.each([
  ['a redirect', classifyStatus(302, {}, '')],
  ['a server error', classifyStatus(500, {}, '')],
  ['an overloaded server', classifyStatus(503, { 'retry-after': '1' }, '')],
  ['a bad certificate', classifyTransportError(Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }), false)],
  ['a forbidding proxy', classifyTransportError(Object.assign(new Error('x'), { code: 'PROXY_FORBIDDEN' }), false)],
])('%s is the endpoint’s own, whatever the key', (_what, failure) => {
  const { tested } = pools();
  expect(tested.judge(endpoint, taken(tested), failure, 0)).toEqual(failure);
  expect(tested.note(endpoint, 0)).toBe('keys: a ready; b ready');
});

test('one key is its endpoint’s, and is known by what its endpoint tells of it', () => {
  const { tested } = pools();
  const single = sampleEndpoint({ id: 'single', key: 'k' });
  expect(tested.take(single, 1, 0)).toBeUndefined();
  tested.told(single, [{ of: 'requests', remaining: 1, resetInMs: 1000 }], 0);
  const lease = tested.take(single, 1, 0);
  const failure = classifyStatus(401, {}, '{}');
  expect(lease === undefined ? undefined : tested.judge(single, lease, failure, 0)).toEqual(failure);
  expect(tested.withRoom([sampleCandidate({ endpoint: single })], 1, 0)).toMatchObject([{ state: 'parked', releaseInMs: 1000 }]);
  expect(tested.note(single, 0)).toBeNull();
  tested.forget('single');
  expect(tested.withRoom([sampleCandidate({ endpoint: single })], 1, 0)).toMatchObject([{ state: 'ready' }]);
});

test('replicas that were found under one endpoint share its account', () => {
  const { tested } = pools();
  const replicas = ['one-1', 'one-2'].map((id) => sampleEndpoint({ id, keys, key: 'secret-a' }));
  const [first = endpoint, second = endpoint] = replicas;
  expect(tested.take(first, 1, 0)?.name).toBe('a');
  expect(tested.take(second, 1, 0)?.name).toBe('b');
});
