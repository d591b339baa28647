import { inMatrix, inSimulation, type KillingCell, type Mutant } from './mutant.ts';

const attempt = 'src/upstream/stream-attempt.ts';
const release = 'src/upstream/stream-release.ts';
const relay = 'src/upstream/relay-stream.ts';
const loop = 'src/upstream/attempt-loop.ts';
const book = 'src/upstream/attempt-book.ts';

function inStreamFaults(test: string): KillingCell {
  return { file: 'test/integration/stream-faults.test.ts', test };
}

/** Wrong versions of the dispatch, the relay and what the ledger is told. */
export const upstreamMutants: readonly Mutant[] = [
  {
    name: 'forge [DONE]: an end marker without a finish reason is an end',
    edits: [{ file: attempt, find: "if (this.#finish === undefined) return this.#malformed('[DONE] without a finish reason');\n", replace: '' }],
    killedBy: inMatrix('60 [DONE] without a finish reason'),
  },
  {
    name: 'a proper end without a finish reason is an end',
    edits: [
      {
        file: attempt,
        find: 'if (this.#finish !== undefined && !this.#decoder.hasPartialEvent) return',
        replace: 'if (!this.#decoder.hasPartialEvent) return',
      },
    ],
    killedBy: inMatrix('40 a body that ends with its connection, cut'),
  },
  {
    name: 'an event without its blank line does not matter at the end',
    edits: [
      {
        file: attempt,
        find: 'if (this.#finish !== undefined && !this.#decoder.hasPartialEvent) return',
        replace: 'if (this.#finish !== undefined) return',
      },
    ],
    killedBy: inMatrix('54 an event without its blank line, then the end | stream | S4'),
  },
  {
    name: 'drop the generation check: late tokens of an abandoned endpoint are heard',
    edits: [
      { file: attempt, find: "if (this.#state === 'over') return this.#call?.abort();\n    if (this.#form", replace: 'if (this.#form' },
      { file: attempt, find: '      if (this.#isOver()) return this.#call?.abort();\n', replace: '' },
      { file: attempt, find: '    if (this.#isOver()) return;\n    const text', replace: '    const text' },
      { file: attempt, find: 'if (taken === bytes.length || this.#isOver()) return;', replace: 'if (taken === bytes.length) return;' },
      { file: release, find: 'return this.#current !== undefined && this.#current !== writing;', replace: 'return false;' },
    ],
    killedBy: inMatrix('48 late tokens after a stall'),
  },
  {
    name: 'comments reset the clock to the first token',
    edits: [
      {
        file: attempt,
        find: "if (event.kind !== 'event') continue;",
        replace: "if (event.kind !== 'event') {\n        this.#watch();\n        continue;\n      }",
      },
    ],
    killedBy: inMatrix('44 comments instead of tokens | stream | S2'),
  },
  {
    name: 'no clock runs between tokens',
    edits: [
      {
        file: attempt,
        find: 'if (this.firstContentMs !== undefined) return this.#await(nextContent, this.#limits.stallTimeoutMs, nowMs);',
        replace: 'if (this.firstContentMs !== undefined) return this.#deadline.clear();',
      },
    ],
    killedBy: inMatrix('45 a stall'),
  },
  {
    name: 'no clock runs to the end marker',
    edits: [
      {
        file: attempt,
        find: 'if (this.#finish !== undefined) return this.#await(endMarker, endGraceMs, nowMs);',
        replace: 'if (this.#finish !== undefined) return this.#deadline.clear();',
      },
    ],
    killedBy: inMatrix('49 silence after the finish reason'),
  },
  {
    name: 'usage is summed over the chunks that tell it',
    edits: [
      {
        file: attempt,
        find: 'if (facts.usage !== undefined && facts.usage.outputTokens >= (this.#usage?.outputTokens ?? 0)) this.#usage = facts.usage;',
        replace:
          'if (facts.usage !== undefined) this.#usage = { ...facts.usage, outputTokens: facts.usage.outputTokens + (this.#usage?.outputTokens ?? 0) };',
      },
    ],
    killedBy: inMatrix('68 usage in every chunk'),
  },
  {
    name: 'a compressed body is taken for text',
    edits: [
      {
        file: attempt,
        find: "if (this.#head.isCompressed) this.#malformed('the response is compressed, though identity was asked for');",
        replace: '',
      },
    ],
    killedBy: inMatrix('35 a gzip body although identity was asked for | stream'),
  },
  {
    name: 'tool calls are not looked at when they say to be whole',
    edits: [{ file: attempt, find: ' && !this.#toolCalls.complete) {', replace: ' && false) {' }],
    killedBy: inMatrix('70 tool-call arguments that end too early'),
  },
  {
    name: 'interim responses have no end',
    edits: [{ file: 'src/upstream/response-head.ts', find: 'this.#interim > interimResponses', replace: 'this.#interim > Infinity' }],
    killedBy: inMatrix('25 a flood of interim responses'),
  },
  {
    name: 'a choice that nobody asked for passes',
    edits: [
      {
        file: attempt,
        find: "if (facts.lastChoice >= this.#asked.choices) return this.#malformed('a choice that nobody asked for');\n",
        replace: '',
      },
    ],
    killedBy: inMatrix('64 a choice that was not asked for | stream | S2'),
  },
  {
    name: 'a failed endpoint is left working',
    edits: [
      {
        file: attempt,
        find: "if (end.kind !== 'complete') this.#call?.abort();\n    this.#resolve(wasDraining",
        replace: 'this.#resolve(wasDraining',
      },
    ],
    killedBy: inStreamFaults('a stall after content ends honestly, and the silent endpoint is hung up on'),
  },
  {
    name: 'a client that has gone is not noticed',
    edits: [
      {
        file: loop,
        find: "      this.#stop('gone');\n      for (const { tried, attempt } of this.#running) attempt?.abandon(drainOf(tried));\n",
        replace: '',
      },
    ],
    killedBy: inStreamFaults('a lost client stops the upstream and is billed for what it got'),
  },
  {
    name: 'an attempt is dispatched though its client left while the row was written',
    edits: [
      {
        file: loop,
        find: "    if (this.#stopped !== 'no' || this.#winner !== undefined || race.isOver) return this.#dropped(running);\n",
        replace: '',
      },
    ],
    killedBy: inSimulation,
  },
  {
    name: 'the attempt row is not waited for before dispatch',
    edits: [{ file: book, find: 'return { attemptId, written };', replace: 'return { attemptId, written: undefined };' }],
    killedBy: inStreamFaults('a ledger that cannot be written refuses the request, and nothing is dispatched'),
  },
  {
    name: 'a request is charged twice',
    edits: [
      {
        file: relay,
        find: 'if (book.attempts > 0) book.charge(outcome, this.#release.usage(), this.#release.answer.segments);',
        replace:
          'if (book.attempts > 0) book.charge(outcome, this.#release.usage(), this.#release.answer.segments);\n    if (book.attempts > 1) book.charge(outcome, this.#release.usage(), this.#release.answer.segments);',
      },
    ],
    killedBy: inStreamFaults('before content, %s fails over unseen'),
  },
  {
    name: 'what our own failure left incomplete is charged',
    edits: [
      { file: book, find: 'isCharged(outcome) ? this.#billFor(usage, segments) : { usage, usd: 0 }', replace: 'this.#billFor(usage, segments)' },
    ],
    killedBy: inStreamFaults('after content, %s ends as an error event without [DONE] and a broken connection'),
  },
  {
    name: 'whoever leaves is charged nothing',
    edits: [{ file: 'src/ledger/charged-outcome.ts', find: "['ok', 'client_closed']", replace: "['ok']" }],
    killedBy: inSimulation,
  },
  {
    name: 'the prompt is charged again for each segment',
    edits: [
      {
        file: book,
        find: '{ ...usage, inputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0, outputTokens }',
        replace: '{ ...usage, outputTokens }',
      },
    ],
    killedBy: inSimulation,
  },
  {
    name: 'retry after release: the request starts over behind what the client has',
    edits: [{ file: relay, find: '    return this.#release.answer.begun;', replace: '    return false;' }],
    killedBy: inMatrix('38 FIN inside the chunked body | stream | middle'),
  },
  {
    name: 'the commit barrier is left out: the role opens the stream',
    edits: [
      {
        file: release,
        find: '    writing.idleBytes += chunk.event.raw.length;\n',
        replace: '    this.#commit(writing.provenance());\n    writing.idleBytes += chunk.event.raw.length;\n',
      },
    ],
    killedBy: inMatrix('43 silence after the head | stream'),
  },
  {
    name: 'the heartbeat comes before the head',
    edits: [
      {
        file: release,
        find: '        this.#commit(writing.provenance());\n        this.#write(heartbeatFrame);',
        replace: '        this.#write(heartbeatFrame);',
      },
    ],
    killedBy: inStreamFaults('a heartbeat opens the stream, and a failure after it is told inside'),
  },
  {
    name: 'usage is shown to those who did not ask',
    edits: [{ file: release, find: 'dropUsage: facts.usageInvalid || (!wantsUsage && facts.usage !== undefined),', replace: 'dropUsage: false,' }],
    killedBy: inSimulation,
  },
  {
    name: 'the endpoint’s own name of the model is shown',
    edits: [{ file: release, find: 'model: facts.model === undefined || facts.model === model ? undefined : model,', replace: 'model: undefined,' }],
    killedBy: inStreamFaults('a whole stream passes with one finish reason, [DONE], provenance and one charge'),
  },
  {
    name: 'an identity that changes in mid-answer is passed on',
    edits: [{ file: release, find: 'id: facts.id === undefined || facts.id === head.id ? undefined : head.id,', replace: 'id: undefined,' }],
    killedBy: inMatrix('64 the id, the model and the time change'),
  },
  {
    name: 'the role is told again where another endpoint goes on',
    edits: [{ file: release, find: 'dropRole: facts.hasRole,', replace: 'dropRole: false,' }],
    killedBy: inMatrix('38 FIN inside the chunked body | stream | middle | openai | other: may continue'),
  },
  {
    name: 'usage beyond belief is believed',
    edits: [
      {
        file: 'src/upstream/believed-usage.ts',
        find: 'if (maxTokens !== undefined && reported.outputTokens > credibleFactor * maxTokens + unseenTokens) return undefined;',
        replace: '',
      },
    ],
    killedBy: { file: 'test/integration/stream-repairs.test.ts', test: 'usage that is %s is neither shown nor charged' },
  },
  {
    name: 'max_tokens is not reduced by what was released',
    edits: [
      {
        file: 'src/upstream/released-answer.ts',
        find: 'maxTokens - (this.#idsComplete ? this.tokenIds.length : this.#pieces);',
        replace: 'maxTokens;',
      },
    ],
    killedBy: { file: 'test/integration/continuation.test.ts', test: 'max_tokens, seed and sampling go along, max_tokens less what was released' },
  },
  {
    name: 'a body is an answer, whatever is in it',
    edits: [
      {
        file: 'src/upstream/whole-attempt.ts',
        find: "const answer = (this.#route === 'chat' ? readUsualAnswer(body) : undefined) ?? readWholeAnswer(this.#route, body.toString('utf8'));",
        replace: "const answer: ReturnType<typeof readWholeAnswer> = { kind: 'answer', characters: 0, model: undefined, usage: undefined };",
      },
    ],
    killedBy: inMatrix('30 a content length that is too short'),
  },
  {
    name: 'a redirect is told at once instead of failed over',
    edits: [
      {
        file: 'src/upstream/classify-failure.ts',
        find: "return failure('upstream-fault', 'upstream_redirect', unusable);",
        replace: "return failure('client-fault', 'upstream_redirect', unusable);",
      },
    ],
    killedBy: inMatrix('11 status 307'),
  },
  {
    name: 'an endpoint’s 401 becomes the client’s',
    edits: [
      {
        file: 'src/upstream/classify-failure.ts',
        find: "return failure('upstream-fault', 'upstream_auth', unusable);",
        replace: "return failure('upstream-fault', 'invalid_api_key', unusable);",
      },
    ],
    killedBy: inMatrix('17 status 401'),
  },
  {
    name: 'an endpoint’s own words reach the client',
    edits: [
      {
        file: 'src/upstream/classify-failure.ts',
        find: "return failure('upstream-fault', 'upstream_error', oneFailure);\n}\n\ntype Say",
        replace: "return failure('upstream-fault', { code: 'upstream_error', detail: error?.message ?? '' }, oneFailure);\n}\n\ntype Say",
      },
    ],
    killedBy: inMatrix('15 status 500'),
  },
  {
    name: 'the same endpoint is never asked over a fresh connection',
    edits: [{ file: 'src/policy/next-attempt.ts', find: 'timesTried < 2', replace: 'timesTried < 1' }],
    killedBy: inMatrix('6 a kept connection that the peer was closing'),
  },
  {
    name: 'a chunk is known by its beginning alone',
    edits: [
      {
        file: 'src/protocol/chunk-template.ts',
        find: 'if (bytes[at] !== form[at - offset]) return false;',
        replace: 'if (bytes[at] !== form[at - offset] && at === textEnd) return false;',
      },
    ],
    killedBy: {
      file: 'src/protocol/chunk-template.test.ts',
      test: 'whatever is done to the bytes of a chunk, it is read as the parser reads it or left to the parser',
    },
  },
];
