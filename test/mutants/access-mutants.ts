import type { Mutant } from './mutant.ts';

const nextTry = 'src/upstream/next-try.ts';
const approvals = 'test/integration/approvals.test.ts';
const failsOver = 'a team that is approved in Europe alone fails over there and nowhere else, through an outage and after (streamed: %s)';

/** Wrong versions of who is let in, and of where prompts may go. */
export const accessMutants: readonly Mutant[] = [
  {
    name: 'a failover goes to whoever serves the model',
    edits: [
      {
        file: nextTry,
        find: 'const choice = chooseDeployments(all, demand);',
        replace: 'const choice = chooseDeployments(all, { ...demand, rules: undefined });',
      },
    ],
    killedBy: { file: approvals, test: failsOver },
  },
  {
    name: 'a hedge goes to whoever serves the model',
    edits: [
      {
        file: nextTry,
        find: 'demandOf(request, tried, deps, nowMs));',
        replace: '{ ...demandOf(request, tried, deps, nowMs), rules: undefined });',
      },
    ],
    killedBy: { file: approvals, test: 'S23: a slow beginning is hedged at an approved endpoint alone (streamed: %s)' },
  },
  {
    name: 'a continuation goes to whoever has the weights',
    edits: [
      {
        file: 'src/upstream/attempt-loop.ts',
        find: 'demandOf(asking, this.#tried, this.#deps, nowMs)',
        replace: '{ ...demandOf(asking, this.#tried, this.#deps, nowMs), rules: undefined }',
      },
    ],
    killedBy: {
      file: approvals,
      test: 'an answer that loses its endpoint in the middle is continued by an approved endpoint alone, and ends honestly without one',
    },
  },
  {
    name: 'a prompt is counted by whoever can count',
    edits: [
      { file: 'src/upstream/count-prompt.ts', find: 'approved(fleet.candidates(), rules)', replace: 'approved(fleet.candidates(), undefined)' },
    ],
    killedBy: { file: approvals, test: 'a prompt is counted at an approved endpoint alone, or guessed' },
  },
  {
    name: 'an endpoint that declares no region is approved everywhere',
    edits: [
      {
        file: 'src/access/approvals.ts',
        find: 'region === undefined || !regions.some(',
        replace: 'region !== undefined && !regions.some(',
      },
    ],
    killedBy: {
      file: approvals,
      test: 'where nobody is approved, the error says which rule excluded whom, and the list of models leaves the model out',
    },
  },
  {
    name: 'in the simulation, a choice heeds no approvals',
    edits: [
      {
        file: 'src/policy/choose-deployments.ts',
        find: 'return rules?.exclusion(endpoint) === undefined;',
        replace: 'return rules?.exclusion(endpoint) === undefined || true;',
      },
    ],
    killedBy: {
      file: 'test/simulation/whole-path.test.ts',
      test: 'in 100 seeded worlds of 200 requests no token is lost, doubled or mixed up, nothing ends silently, and the ledger equals the bills',
    },
  },
  {
    name: 'any key of a known id is let in',
    edits: [
      {
        file: 'src/access/key-book.ts',
        find: 'if (given !== undefined && secrets.isEqual(digest, given.digest)) matching = version;',
        replace: 'matching = version ?? matching;',
      },
    ],
    killedBy: {
      file: 'src/access/key-book.test.ts',
      test: 'S1: nothing that is kept lets anybody in: no digest, no part of a key, no key with another id',
    },
  },
  {
    name: 'a revoked key is remembered',
    edits: [
      {
        file: 'src/access/known-callers.ts',
        find: 'this.#callers.clear();\n      this.#generation = generation;',
        replace: 'this.#generation = generation;',
      },
    ],
    killedBy: {
      file: 'src/gateway/authenticate.test.ts',
      test: 'a key that was revoked, replaced or has expired is let in no more, though it was seen before',
    },
  },
  {
    name: 'keys are remembered by their beginning',
    edits: [
      { file: 'src/access/known-callers.ts', find: 'this.#callers.get(header)', replace: 'this.#callers.get(header.slice(0, 30))' },
      {
        file: 'src/access/known-callers.ts',
        find: 'this.#callers.set(header, admitted)',
        replace: 'this.#callers.set(header.slice(0, 30), admitted)',
      },
    ],
    killedBy: { file: 'src/gateway/authenticate.test.ts', test: 'S3: of two keys that share any beginning, one is never taken for the other' },
  },
];
