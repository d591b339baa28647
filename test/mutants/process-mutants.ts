import type { Mutant } from './mutant.ts';

const passOn = 'src/gateway/pass-on.ts';
const passedTest = 'test/integration/passed-on.test.ts';
const realTest = 'test/real/processes.test.ts';

/** Wrong versions of what several processes on one port must do. */
export const processMutants: readonly Mutant[] = [
  {
    name: 'processes: an answer that broke in another process ends here as if it were whole',
    edits: [{ file: passOn, find: 'if (response.isBegun) response.reset();', replace: 'if (response.isBegun) response.end();' }],
    killedBy: { file: passedTest, test: 'an answer that breaks there breaks here: an error, no end marker, a cut' },
  },
  {
    name: 'processes: the owner is not told that its client has left',
    edits: [{ file: passOn, find: '  response.onOver(() => call.abort());\n', replace: '' }],
    killedBy: { file: passedTest, test: 'a client that leaves ends what the other process runs for it' },
  },
  {
    name: 'processes: each may use the whole of a limit',
    edits: [
      {
        file: 'src/compose/processes/share-config.ts',
        find: 'Math.max(1, shareOf(whole, index, count))',
        replace: 'Math.max(whole, shareOf(whole, index, count))',
      },
    ],
    killedBy: {
      file: 'src/compose/processes/share-config.test.ts',
      test: 'two processes together keep to the limits of requests and of keys; what has no limit gets none',
    },
  },
  {
    name: 'processes: a key is looked for where the request happened to arrive',
    edits: [
      {
        file: 'src/gateway/find-owner.ts',
        find: 'owner: owningProcess(JSON.stringify([tenant, key.value]), count)',
        replace: 'owner: index + 0 * count',
      },
    ],
    killedBy: { file: realTest, test: 'a repeated request is given the one answer, running or stored, whichever process it reaches' },
  },
  {
    name: 'processes: a response gets an id that any process may own',
    edits: [
      { file: 'src/compose/open-relay.ts', find: 'ownedNames(newId, index, count)', replace: 'ownedNames(newId, index - index, count - count + 1)' },
    ],
    killedBy: { file: realTest, test: 'a conversation goes on by previous_response_id, and can be read and deleted, whichever process is reached' },
  },
];
