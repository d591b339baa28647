import fc from 'fast-check';
import { METHODS } from 'node:http';
import { test } from 'vitest';
import { allRequestCases } from './all-request-cases.ts';
import { fuzzRuns, isComparable, mutatedMessage } from './mutate-message.ts';
import { readRequests, type FoundRequest, type Readings } from './read-requests.ts';
import { readRequestsByNode } from './read-requests-by-node.ts';
import { splitBytes } from './split-bytes.ts';
import { replayable } from '../../src/std/testing/replayable.ts';

const message = mutatedMessage(allRequestCases.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 1500));

test('S15: whatever is read of a mutated message, node:http reads the same', async () => {
  await fc.assert(
    fc.asyncProperty(message, async (bytes) => {
      fc.pre(isComparable(bytes));
      const pieces = [Buffer.from(bytes, 'latin1')];
      const { requests } = await readRequests(pieces);
      // Nothing can be compared behind a method that node:http does not know, or that it hands over as a tunnel.
      const until = requests.findIndex(({ method }) => !METHODS.includes(method) || method === 'CONNECT');
      const comparable = until < 0 ? requests : requests.slice(0, until);
      if (comparable.length === 0) return true;
      const byNode = await readRequestsByNode(pieces);
      return JSON.stringify(comparable.map(plain)) === JSON.stringify(byNode.slice(0, comparable.length).map(plain));
    }),
    replayable('test/http/request-fuzz.test.ts', fuzzRuns),
  );
});

test('however a mutated message is split, the same is read of it', async () => {
  await fc.assert(
    fc.asyncProperty(message, fc.integer(), async (bytes, seed) => {
      const [whole, ...others] = splitBytes(bytes, seed);
      const expected = told(await readRequests(whole ?? []));
      for (const pieces of others) if (told(await readRequests(pieces)) !== expected) return false;
      return true;
    }),
    replayable('test/http/request-fuzz.test.ts', Math.ceil(fuzzRuns / 10)),
  );
});

/** Without interim answers: `100 Continue` is only sent to who has not sent its body yet. */
function told({ requests, statuses, closed }: Readings): string {
  return JSON.stringify([requests, statuses.filter((status) => status >= 200), closed]);
}

/** Header values of one name as one list, as both readers keep their order. */
function plain({ method, target, headers, body }: FoundRequest): object {
  const listed = Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]);
  return { method, target, body, headers: listed.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)) };
}
