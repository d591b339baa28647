import { inMatrix, inSimulation, type Mutant } from './mutant.ts';

const responseStream = 'src/gateway/response-stream.ts';
const streamFaults = 'test/integration/stream-faults.test.ts';
const afterContent = 'after content, %s ends as an error event without [DONE] and a broken connection';

/** Wrong versions of what clients meet: the head, the body, the end. */
export const gatewayMutants: readonly Mutant[] = [
  {
    name: 'a broken answer ends cleanly after its error',
    edits: [
      {
        file: responseStream,
        find: 'this.#clock.after(resetDelayMs, () => this.#response.reset());',
        replace: 'this.#response.end();',
      },
    ],
    killedBy: { file: streamFaults, test: afterContent },
  },
  {
    name: 'a broken answer ends with [DONE]',
    edits: [{ file: responseStream, find: '`data: ${errorBody(fault)}\\n\\n`', replace: '`data: ${errorBody(fault)}\\n\\ndata: [DONE]\\n\\n`' }],
    killedBy: { file: streamFaults, test: afterContent },
  },
  {
    name: 'a broken answer says nothing of it',
    edits: [{ file: responseStream, find: '`data: ${errorBody(fault)}\\n\\n`', replace: "': lost\\n\\n'" }],
    killedBy: { file: streamFaults, test: afterContent },
  },
  {
    name: 'the error is a named event, which SDKs do not throw on',
    edits: [{ file: responseStream, find: '`data: ${errorBody(fault)}\\n\\n`', replace: '`event: error\\ndata: ${errorBody(fault)}\\n\\n`' }],
    killedBy: inMatrix('45 a stall | stream | middle | openai | other: none'),
  },
  {
    name: 'a client that reads nothing is waited for without end',
    edits: [
      {
        file: responseStream,
        find: 'this.#cancelStall ??= this.#clock.after(this.#options.writeStallMs, () => this.#response.reset());',
        replace: '',
      },
    ],
    killedBy: {
      file: 'test/integration/hostile-clients.test.ts',
      test: 'S18: a client that reads nothing is cut off after a while, and so is its upstream',
    },
  },
  {
    name: 'every failure is said to be worth a retry',
    edits: [
      {
        file: 'src/gateway/respond.ts',
        find: "if (!errorCatalogue[fault.code].retryable || fault.lasting === true) return { 'x-should-retry': 'false' };",
        replace: '',
      },
    ],
    killedBy: { file: streamFaults, test: 'with nobody else to try, %s is told in our own words' },
  },
  {
    name: 'no time to come again is told',
    edits: [
      {
        file: 'src/gateway/respond.ts',
        find: "return { 'x-should-retry': 'true', 'retry-after': String(seconds) };",
        replace: "return { 'x-should-retry': seconds > 0 ? 'true' : 'false' };",
      },
    ],
    killedBy: inMatrix('12 status 429'),
  },
  {
    name: 'a body may be as long as it likes',
    edits: [
      {
        file: 'src/http/request-body.ts',
        find: "if (length.kind === 'bytes' && length.bytes > limitBytes)",
        replace: 'if (limitBytes < 0)',
      },
      { file: 'src/http/request-body.ts', find: 'if (this.#bytes <= this.#limitBytes) this', replace: 'if (this.#limitBytes >= 0) this' },
      { file: 'src/http/request-body.ts', find: 'if (this.#bytes > this.#limitBytes)', replace: 'if (this.#limitBytes < 0)' },
    ],
    killedBy: { file: 'test/integration/bad-requests.test.ts', test: 'S8, S15, S16: %s gets one clear error and reaches no endpoint' },
  },
  {
    name: 'two Host headers pass',
    edits: [
      {
        file: 'src/http/request-head.ts',
        find: 'if (twice !== undefined) return malformed(`more than one ${twice} header`);',
        replace: '',
      },
    ],
    killedBy: { file: 'test/integration/bad-requests.test.ts', test: 'S15: %s is refused with an error body' },
  },
  {
    name: 'any key is let in',
    edits: [{ file: 'src/gateway/authenticate.ts', find: 'if (timingSafeEqual(candidate, digest)) found = id;', replace: 'found = id;' }],
    killedBy: inSimulation,
  },
  {
    name: 'another body under a known idempotency key is answered with the first one’s answer',
    edits: [
      { file: 'src/gateway/idempotency/idempotency-store.ts', find: "if (known.bodyHash !== bodyHash) return { kind: 'mismatch' };", replace: '' },
    ],
    killedBy: { file: 'test/integration/idempotency.test.ts', test: 'another body under the same key is refused, and so is a key that is none' },
  },
];
