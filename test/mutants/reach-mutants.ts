import type { Mutant } from './mutant.ts';

const opener = 'src/upstream/open-socket.ts';
const openerTest = 'src/upstream/open-socket.test.ts';
const poolTest = 'src/policy/key-pool.test.ts';
const poolsTest = 'test/integration/key-pools.test.ts';
const discoveryTest = 'test/integration/discovery.test.ts';

/** Wrong versions of how endpoints are reached: addresses, certificates, proxies, keys, replicas. */
export const reachMutants: readonly Mutant[] = [
  {
    name: 'an inner address is connected to, because it needs no lookup',
    edits: [{ file: opener, find: 'isIP(place.host) !== 0 && !isAllowed(place.host)', replace: 'false' }],
    killedBy: { file: openerTest, test: 'S10: a name that comes to point inside is refused at the moment of connecting, and so is an inner address' },
  },
  {
    name: 'a name is judged by its first address only',
    edits: [
      { file: 'src/upstream/name-lookup.ts', find: '!addresses.every(({ address }) => isAllowed(address))', replace: '!isAllowed(first.address)' },
    ],
    killedBy: { file: openerTest, test: 'S10: a name that comes to point inside is refused at the moment of connecting, and so is an inner address' },
  },
  {
    name: 'the environment turns verification off',
    edits: [{ file: opener, find: '      rejectUnauthorized: true,\n', replace: '' }],
    killedBy: { file: openerTest, test: 'S20: an environment variable does not turn verification off' },
  },
  {
    name: 'bytes behind a proxy’s answer are taken for the endpoint’s',
    edits: [{ file: 'src/upstream/connect-answer.ts', find: 'headEnd + 4 === text.length', replace: 'headEnd > 0' }],
    killedBy: { file: openerTest, test: 'a proxy that %s is named as the cause' },
  },
  {
    name: 'a renewed certificate is believed without its key',
    edits: [
      {
        file: 'src/config/read-pem.ts',
        find: 'if (new X509Certificate(certificates).checkPrivateKey(key)) return',
        replace: 'if (certificates !== "" && key.type === "private") return',
      },
    ],
    killedBy: { file: 'src/compose/tls-listener.test.ts', test: 'S20: renewed files serve new connections, and those that stand are not disturbed' },
  },
  {
    name: 'a window forgets its oldest slot a moment too early',
    edits: [{ file: 'src/std/sliding-count.ts', find: 'new Float64Array(slots + 1)', replace: 'new Float64Array(slots)' }],
    killedBy: { file: poolTest, test: 'no key is ever used over its declared limits, and none is denied that has room' },
  },
  {
    name: 'what a request reserved of a limit is never given back',
    edits: [{ file: 'src/policy/key-room.ts', find: 'this.#tokens?.count.correct(reservation.tokens, tokens, nowMs);', replace: 'return;' }],
    killedBy: { file: poolTest, test: 'no key is ever used over its declared limits, and none is denied that has room' },
  },
  {
    name: 'a refused key sets its endpoint aside while another works',
    edits: [{ file: 'src/policy/key-pools.ts', find: 'if (!pool.hasUsable(nowMs)) return failure;', replace: 'return failure;' }],
    killedBy: { file: poolsTest, test: 'a key that gets a %i (%s) is set aside unseen, and its endpoint goes on with another' },
  },
  {
    name: 'an endpoint whose keys are all refused stays in use',
    edits: [{ file: 'src/policy/key-pools.ts', find: 'if (!pool.hasUsable(nowMs)) return failure;', replace: '' }],
    killedBy: {
      file: poolsTest,
      test: 'when every key is refused, the endpoint waits for its operator, another one answers, and no client reads a 401',
    },
  },
  {
    name: 'headers that say that nothing is left are not heard',
    edits: [{ file: 'src/upstream/observed-transport.ts', find: 'if (budgets.length > 0)', replace: 'if (budgets.length > 9)' }],
    killedBy: { file: poolsTest, test: 'a key that used up its room by its answer’s headers is not chosen before the reset' },
  },
  {
    name: 'a replica that vanished is forgotten while it answers',
    edits: [
      {
        file: 'src/fleet/fleet.ts',
        find: 'if (whenIdle === undefined || running > 0) return;',
        replace: 'if (whenIdle === undefined || running > 9) return;',
      },
    ],
    killedBy: { file: discoveryTest, test: 'a pod that leaves the Service gets nothing new, and its running stream goes on to its end' },
  },
  {
    name: 'one answer that a name stands for nothing is believed',
    edits: [{ file: 'src/compose/discover-endpoints.ts', find: 'const emptyAnswersBelieved = 3;', replace: 'const emptyAnswersBelieved = 1;' }],
    killedBy: {
      file: discoveryTest,
      test: 'a name that suddenly stands for nothing is believed the third time, and the model stays known without a replica',
    },
  },
  {
    name: 'replicas may have any address',
    edits: [{ file: 'src/compose/replica-set.ts', find: 'isIP(host) === 0 || this.#around.isAllowed(host)', replace: 'isIP(host) >= 0' }],
    killedBy: {
      file: discoveryTest,
      test: 'addresses that are not allowed are left out, and no replica at all is told as 503 where the models are declared',
    },
  },
];
