import type { Mutant } from './mutant.ts';

const loop = 'src/upstream/attempt-loop.ts';
const simulated = {
  file: 'test/simulation/whole-path.test.ts',
  test: 'in 100 seeded worlds of 200 requests no token is lost, doubled or mixed up, nothing ends silently, and the ledger equals the bills',
};
const integration = 'test/integration/routing.test.ts';

/** Wrong versions of what the routing is told, and of whom a request wants. */
export const routingMutants: readonly Mutant[] = [
  {
    name: 'the routing is not told of an attempt that was never started',
    edits: [
      {
        file: loop,
        find: "    fleet.ended(candidate.endpoint.id);\n    routed?.ended({ kind: 'refused' }, clock.nowMs());",
        replace: '    fleet.ended(candidate.endpoint.id);',
      },
    ],
    killedBy: simulated,
  },
  {
    name: 'the routing is not told of an attempt whose row could not be written',
    edits: [
      {
        file: loop,
        find: "      fleet.ended(candidate.endpoint.id);\n      routed?.ended({ kind: 'refused' }, clock.nowMs());",
        replace: '      fleet.ended(candidate.endpoint.id);',
      },
    ],
    killedBy: simulated,
  },
  {
    name: 'the routing is not told of an attempt that was abandoned',
    edits: [
      { file: loop, find: 'if (routed !== undefined) endDispatch(', replace: "if (routed !== undefined && end.kind !== 'abandoned') endDispatch(" },
    ],
    killedBy: simulated,
  },
  {
    name: 'the end of a whole answer is taken for its first token',
    edits: [{ file: loop, find: "if (this.#form === 'stream') routed", replace: 'routed' }],
    killedBy: { file: integration, test: 'what comes in one piece is nobody’s first token, and what is streamed is' },
  },
  {
    name: 'the answer of another model is named and charged as the one that was asked for',
    edits: [
      {
        file: 'src/upstream/attempt-book.ts',
        find: '(segments[0]?.candidate ?? this.#last)?.deployment.model ?? this.#request.model',
        replace: 'this.#request.model',
      },
    ],
    killedBy: { file: integration, test: '`models` are tried in turn, and answer and charge name the one that answered' },
  },
  {
    name: 'a price that nobody knows is within any bound',
    edits: [
      { file: 'src/policy/provider-preference.ts', find: 'if (price === undefined) return false;', replace: 'if (price === undefined) return true;' },
    ],
    killedBy: { file: integration, test: '`provider` chooses by %s' },
  },
];
