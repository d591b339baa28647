import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyPool, type KeyLease } from './key-pool.ts';
import type { EndpointKey } from '../fleet/endpoint-key.ts';

const rules = { setAsideMs: 60_000, longestSetAsideMs: 600_000, jitter: 0 };
const windowMs = 60_000;
/** A window is counted in slots of a 240th of it. */
const slackMs = windowMs / 240;

function key(name: string, limits: Partial<EndpointKey> = {}): EndpointKey {
  return { name, key: `secret-${name}`, provisioned: false, ...limits };
}

function pool(...keys: EndpointKey[]): KeyPool {
  return new KeyPool(keys, rules, () => 0.5);
}

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'take'; readonly tokens: number }
  | { readonly kind: 'end'; readonly which: number; readonly share: number | undefined }
  | { readonly kind: 'unsent'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), tokens: fc.integer({ min: 1, max: 900 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 70_000 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(),
      share: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unsent' as const), which: fc.nat() }) },
);

const limits = fc.record({
  requestsPerMinute: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  tokensPerMinute: fc.option(fc.integer({ min: 1, max: 1500 }), { nil: undefined }),
});

/** The simple model: a list of all that was taken, and the limits asked of it one by one. */
class Model {
  readonly taken: { readonly name: string; readonly atMs: number; tokens: number; requests: number }[] = [];

  room(keys: readonly EndpointKey[], tokens: number, nowMs: number, overMs: number): readonly string[] {
    return keys.flatMap(({ name, requestsPerMinute = Infinity, tokensPerMinute = Infinity }) => {
      const { requests, sum } = this.used(name, nowMs, overMs);
      return requests + 1 <= requestsPerMinute && sum + Math.min(tokens, tokensPerMinute) <= tokensPerMinute ? [name] : [];
    });
  }

  used(name: string, nowMs: number, overMs: number): { readonly requests: number; readonly sum: number } {
    const within = this.taken.filter((one) => one.name === name && one.atMs > nowMs - overMs);
    return { requests: within.reduce((sum, one) => sum + one.requests, 0), sum: within.reduce((sum, one) => sum + one.tokens, 0) };
  }
}

test('no key is ever used over its declared limits, and none is denied that has room', () => {
  fc.assert(
    fc.property(fc.array(limits, { minLength: 1, maxLength: 3 }), fc.array(step, { maxLength: 80 }), (declared, steps) => {
      const keys = declared.map((one, index) => key(`k${index}`, one));
      const tested = pool(...keys);
      const model = new Model();
      const running: { readonly lease: KeyLease; readonly entry: Model['taken'][number] }[] = [];
      let nowMs = 0;
      for (const one of steps) {
        if (one.kind === 'wait') nowMs += one.ms;
        if (one.kind === 'take') {
          const releaseInMs = tested.releaseInMs(one.tokens, nowMs);
          const lease = tested.take(one.tokens, nowMs);
          expect(lease !== undefined).toBe(releaseInMs === 0);
          if (lease === undefined) {
            expect(model.room(keys, one.tokens, nowMs, windowMs + slackMs)).toEqual([]);
            expect(releaseInMs).toBeLessThanOrEqual(windowMs + slackMs);
            continue;
          }
          expect(model.room(keys, one.tokens, nowMs, windowMs)).toContain(lease.name);
          const { tokensPerMinute = Infinity } = keys.find(({ name }) => name === lease.name) ?? {};
          const entry = { name: lease.name, atMs: nowMs, tokens: Math.min(one.tokens, tokensPerMinute), requests: 1 };
          model.taken.push(entry);
          running.push({ lease, entry });
        }
        if (one.kind === 'end' || one.kind === 'unsent') {
          const [ended] = running.splice(one.which % Math.max(1, running.length), 1);
          if (ended === undefined) continue;
          const tokens = one.kind === 'unsent' || one.share === undefined ? undefined : Math.floor(ended.entry.tokens * one.share);
          tested.ended(ended.lease, one.kind === 'unsent' ? { kind: 'never-sent' } : { kind: 'sent', tokens }, nowMs);
          if (one.kind === 'unsent') Object.assign(ended.entry, { tokens: 0, requests: 0 });
          else if (tokens !== undefined) ended.entry.tokens = tokens;
        }
        for (const { name, requestsPerMinute = Infinity, tokensPerMinute = Infinity } of keys) {
          const used = model.used(name, nowMs, windowMs);
          expect(used.requests).toBeLessThanOrEqual(requestsPerMinute);
          expect(used.sum).toBeLessThanOrEqual(tokensPerMinute);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('throughput that is paid for is used first, and what is over goes to the others', () => {
  const tested = pool(key('on-demand'), key('paid', { provisioned: true, requestsPerMinute: 2 }));
  expect([1, 2, 3, 4].map(() => tested.take(10, 0)?.name)).toEqual(['paid', 'paid', 'on-demand', 'on-demand']);
  expect(tested.take(10, windowMs + slackMs)?.name).toBe('paid');
});

test('equal keys take turns, and the less busy goes first', () => {
  const tested = pool(key('a'), key('b'));
  const leases = [1, 2, 3].map(() => tested.take(1, 0));
  expect(leases.map((lease) => lease?.name)).toEqual(['a', 'b', 'a']);
  for (const lease of leases) if (lease?.name === 'a') tested.ended(lease, { kind: 'sent', tokens: 1 }, 0);
  expect(tested.take(1, 0)?.name).toBe('a');
});

test('a refused key is set aside, tried once when its time is up, and set aside for longer where it is still refused', () => {
  const tested = pool(key('a'), key('b'));
  tested.setAside('a', 0);
  expect([1, 2, 3].map(() => tested.take(1, 1000)?.name)).toEqual(['b', 'b', 'b']);
  expect(tested.hasUsable(1000)).toBe(true);
  expect([1, 2, 3].map(() => tested.take(1, 60_000)?.name)).toEqual(['a', 'b', 'b']);
  tested.setAside('a', 60_001);
  expect(tested.describe(60_001)).toEqual([
    { name: 'a', state: 'refused', releaseInMs: 120_000 },
    { name: 'b', state: 'ready', releaseInMs: 0 },
  ]);
  expect(tested.take(1, 180_001)?.name).toBe('a');
  tested.accepted('a', 180_002);
  expect(tested.describe(180_002)[0]?.state).toBe('ready');
  tested.setAside('a', 200_000);
  tested.setAside('b', 200_000);
  expect(tested.hasUsable(200_000)).toBe(false);
  expect(tested.take(1, 200_000)).toBeUndefined();
  tested.forgive();
  expect(tested.take(1, 200_000)).toBeDefined();
});

test('a key without room by the endpoint’s own word is not used before the reset, and what was sent since is counted', () => {
  const tested = pool(key('a'), key('b'));
  tested.told('secret-a', [{ of: 'requests', remaining: 0, resetInMs: 5000 }], 0);
  tested.told('secret-b', [{ of: 'requests', remaining: 1, resetInMs: 20_000 }], 0);
  expect(tested.take(1, 0)?.name).toBe('b');
  expect(tested.take(1, 0)).toBeUndefined();
  expect(tested.releaseInMs(1, 0)).toBe(5000);
  expect(tested.take(1, 5000)?.name).toBe('a');
});

test('a key that has room for all of a request goes before one that may not; an estimate alone refuses nobody', () => {
  const tested = pool(key('a'), key('b'));
  tested.told('secret-a', [{ of: 'tokens', remaining: 100, resetInMs: 60_000 }], 0);
  expect([1, 2].map(() => tested.take(500, 0)?.name)).toEqual(['b', 'b']);
  const alone = pool(key('a'));
  alone.told('secret-a', [{ of: 'tokens', remaining: 100, resetInMs: 60_000 }], 0);
  expect(alone.take(500, 0)?.name).toBe('a');
  expect(alone.take(500, 0)).toBeUndefined();
});

test('a key that is asked to wait is left alone for so long', () => {
  const tested = pool(key('a'));
  tested.park('a', 1500, 0);
  expect(tested.releaseInMs(1, 500)).toBe(1000);
  expect(tested.take(1, 1500)?.name).toBe('a');
});

test('limits of a day hold for a day', () => {
  const tested = pool(key('a', { requestsPerDay: 2 }));
  expect([0, 1000, 2000].map((nowMs) => tested.take(1, nowMs)?.name)).toEqual(['a', 'a', undefined]);
  expect(tested.take(1, 86_000_000)).toBeUndefined();
  expect(tested.take(1, 86_400_000 + 360_000)?.name).toBe('a');
});
