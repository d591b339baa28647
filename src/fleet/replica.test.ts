import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distinctReplicas, isReplicaId, replicaId, replicaSuffixLength } from './replica.ts';

const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
const replica = fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) });

test('an IPv4 address can be read in the id', () => {
  expect(replicaId('vllm', { host: '10.1.2.3', port: 8000 })).toBe('vllm-10.1.2.3-8000');
  for (const other of ['vllm', 'vllm-2', 'vllm-10.1.2.3', 'other-10.1.2.3-8000']) expect(isReplicaId(other, 'vllm')).toBe(false);
});

test('every id is one that the control API takes, is no longer than promised, and tells places apart', () => {
  fc.assert(
    fc.property(replica, replica, (one, other) => {
      const id = replicaId('e', one);
      expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
      expect(isReplicaId(id, 'e')).toBe(true);
      expect(id.length).toBeLessThanOrEqual(1 + replicaSuffixLength);
      const same = one.host.toLowerCase() === other.host.toLowerCase() && one.port === other.port;
      expect(id === replicaId('e', other)).toBe(same);
    }),
  );
});

test('each is taken once, in an order that does not depend on who was found first, and no more than so many', () => {
  fc.assert(
    fc.property(fc.array(replica), fc.nat(20), (found, most) => {
      const distinct = distinctReplicas([...found, ...found], most);
      expect(distinct).toEqual(distinctReplicas(found.toReversed(), most));
      expect(distinct.length).toBe(Math.min(most, new Set(found.map((one) => replicaId('e', one))).size));
    }),
  );
});
