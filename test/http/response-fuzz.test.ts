import fc from 'fast-check';
import { test } from 'vitest';
import { fuzzRuns, isComparable, mutatedMessage } from './mutate-message.ts';
import { readResponse, readResponseByNode } from './read-responses.ts';
import { replayable } from '../../src/std/testing/replayable.ts';
import { responseCases } from './response-cases.ts';
import { splitBytes } from './split-bytes.ts';

const message = mutatedMessage(responseCases.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 1500));

test('a response that is read whole, node:http reads the same', async () => {
  await fc.assert(
    fc.asyncProperty(message, fc.boolean(), async (bytes, ends) => {
      fc.pre(isComparable(bytes));
      const found = readResponse([Buffer.from(bytes, 'latin1')], ends);
      if (found.how !== 'whole') return true;
      const { status, body, how } = await readResponseByNode(Buffer.from(bytes, 'latin1'), ends);
      // What stands behind a response breaks it for node:http; for ours it only ends the connection.
      if (how !== 'whole' && !found.reusable) return true;
      return how === 'whole' && status === found.status && body === found.body;
    }),
    replayable('test/http/response-fuzz.test.ts', fuzzRuns),
  );
});

test('however a mutated response is split, the same is read of it', () => {
  fc.assert(
    fc.property(message, fc.integer(), fc.boolean(), (bytes, seed, ends) => {
      const [whole = [], ...others] = splitBytes(bytes, seed);
      const { reusable: _, ...expected } = readResponse(whole, ends);
      return others.every((pieces) => {
        const { reusable: __, ...found } = readResponse(pieces, ends);
        // What broke may have been told more or less of before it did.
        return found.how === expected.how && (found.how === 'broken' || JSON.stringify(found) === JSON.stringify(expected));
      });
    }),
    replayable('test/http/response-fuzz.test.ts', fuzzRuns),
  );
});

test('however a mutated response is split, the same is read of it where its bytes are lent, whatever is taken of them', () => {
  const taken = fc.infiniteStream(fc.oneof(fc.constant(Infinity), fc.nat(40)));
  fc.assert(
    fc.property(message, fc.integer(), fc.boolean(), taken, (bytes, seed, ends, takes) => {
      const [whole = [], ...others] = splitBytes(bytes, seed);
      const expected = readResponse(whole, ends);
      return [whole, ...others].every((pieces) => {
        const found = readResponse(pieces, ends, () => takes.next().value ?? 0);
        return found.how === expected.how && (found.how === 'broken' || (found.status === expected.status && found.body === expected.body));
      });
    }),
    replayable('test/http/response-fuzz.test.ts', fuzzRuns),
  );
});
