import { inMatrix, type Mutant } from './mutant.ts';

const tier = 'src/policy/continuation-tier.ts';

/** Wrong versions of the pure rules: what continues, who is tried, what a chunk says, what the ledger keeps. */
export const ruleMutants: readonly Mutant[] = [
  {
    name: 'an answer is continued across a tool call',
    edits: [
      { file: tier, find: "if (answer.beyondText) return 'something other than plain text was released';\n", replace: '' },
      { file: tier, find: "if (answer.hasTools) return 'the request offers tools, which a raw completion does not know';\n", replace: '' },
    ],
    killedBy: inMatrix('39 RST inside the chunked body | stream | tool-call middle'),
  },
  {
    name: 'an answer is continued with other weights',
    edits: [
      {
        file: tier,
        find: "if (from.deployment.weights === undefined || from.deployment.weights !== to.deployment.weights) return 'the weights are not known to be the same';",
        replace: '',
      },
    ],
    killedBy: inMatrix('39 RST inside the chunked body | stream | middle | vllm | other: may not'),
  },
  {
    name: 'an answer is continued without end',
    edits: [
      {
        file: tier,
        find: "if (answer.continuationsUsed >= answer.continuationsAllowed) return 'the answer was already continued as often as allowed';\n",
        replace: '',
      },
    ],
    killedBy: { file: 'test/integration/continuation.test.ts', test: 'a second loss is continued too, a third is not' },
  },
  {
    name: 'a client’s wish not to be continued is not heard',
    edits: [{ file: tier, find: "if (answer.lowest === 'none') return 'no continuation is wanted';\n", replace: '' }],
    killedBy: { file: 'src/policy/continuation-tier.test.ts', test: '%s is never continued' },
  },
  {
    name: 'the last released token is made again at the seam',
    edits: [
      {
        file: 'src/protocol/build-continuation-body.ts',
        find: '...input.releasedTokenIds].join',
        replace: '...input.releasedTokenIds.slice(0, -1)].join',
      },
    ],
    killedBy: inMatrix('38 FIN inside the chunked body | stream | middle | vllm'),
  },
  {
    name: 'a token is left out at the seam',
    edits: [
      {
        file: 'src/protocol/build-continuation-body.ts',
        find: '...input.releasedTokenIds].join',
        replace: '...input.releasedTokenIds, 1 + (input.releasedTokenIds.at(-1) ?? 0)].join',
      },
    ],
    killedBy: inMatrix('38 FIN inside the chunked body | stream | middle | vllm'),
  },
  {
    name: 'a repeated prefill is released a second time',
    edits: [
      {
        file: 'src/protocol/repeated-prefix.ts',
        find: "return { kind: 'text', text: piece.slice(shared) };",
        replace: "return { kind: 'text', text: piece };",
      },
    ],
    killedBy: inMatrix('38 FIN inside the chunked body | stream | middle | llama.cpp'),
  },
  {
    name: 'an endpoint is not told that it is to continue',
    edits: [{ file: 'src/protocol/build-prefill-body.ts', find: "edits.set('continue_final_message', 'true');", replace: '' }],
    killedBy: inMatrix('38 FIN inside the chunked body | stream | middle | openai'),
  },
  {
    name: 'a stop string across the seam is not seen',
    edits: [
      {
        file: 'src/protocol/seam-stop.ts',
        find: "if (this.#left.some((left) => this.#text.startsWith(left))) return { kind: 'stopped' };",
        replace: '',
      },
    ],
    killedBy: {
      file: 'test/integration/continuation-tiers.test.ts',
      test: 'a stop string that begins before the seam and ends behind it ends the answer',
    },
  },
  {
    name: 'the finish reason error ends an answer well',
    edits: [{ file: 'src/protocol/read-chunk.ts', find: "new Set(['stop', 'length',", replace: "new Set(['error', 'stop', 'length'," }],
    killedBy: inMatrix('61 the finish reason error'),
  },
  {
    name: 'negative usage counts',
    edits: [
      { file: 'src/protocol/read-usage.ts', find: 'Number.isInteger(value) && value >= 0 ? value', replace: 'Number.isInteger(value) ? value' },
    ],
    killedBy: inMatrix('68 negative usage | whole'),
  },
  {
    name: 'a key in an endpoint’s message is passed on',
    edits: [
      { file: 'src/protocol/scrub-message.ts', find: ".replace(/\\b(sk|gsk|csk|key|ss|xai|nvapi)[-_][A-Za-z0-9_-]{6,}\\b/gi, '[key]')", replace: '' },
    ],
    killedBy: inMatrix('19 status 400'),
  },
  {
    name: 'usage is asked for only where the client asks',
    edits: [
      {
        file: 'src/protocol/build-upstream-body.ts',
        find: "if (body.stream) edits.set('stream_options', streamOptionsWithUsage(body));",
        replace: "if (body.scanned.members.has('stream_options')) edits.set('stream_options', streamOptionsWithUsage(body));",
      },
    ],
    killedBy: { file: 'test/integration/stream-faults.test.ts', test: 'the client sees usage only if it asked, and the endpoint is always asked' },
  },
  {
    name: 'the retry budget has no end',
    edits: [{ file: 'src/policy/retry-budget.ts', find: "if (this.#counts.total('retry', nowMs) + 1 > allowed) return false;", replace: '' }],
    killedBy: { file: 'src/policy/retry-budget.test.ts', test: 'in a full outage the tries stay within 1.2 times the requests and the floor' },
  },
  {
    name: 'an ejected endpoint never comes back',
    edits: [{ file: 'src/policy/avoidance.ts', find: "return nowMs < this.#phase.untilMs ? 'avoided' : 'trial';", replace: "return 'avoided';" }],
    killedBy: {
      file: 'src/policy/breaker.test.ts',
      test: 'one failure is forgiven, two in a row eject for a second, and each failed trial for twice as long',
    },
  },
  {
    name: 'the panic rule is removed: where all are ejected, nobody is tried',
    edits: [
      {
        file: 'src/policy/choose-deployments.ts',
        find: 'const failing = despiteFailures(reachable, open.length === 0);',
        replace: 'const failing = despiteFailures(reachable, open.length === 0).slice(reachable.length);',
      },
    ],
    killedBy: {
      file: 'src/policy/choose-deployments.test.ts',
      test: 'an ejected endpoint is tried only where nobody else is left, an unplugged one never',
    },
  },
  {
    name: 'a request that is itself at fault is tried elsewhere',
    edits: [{ file: 'src/policy/next-attempt.ts', find: "lastFailure?.class === 'client-fault' || ", replace: '' }],
    killedBy: inMatrix('21 status 400'),
  },
  {
    name: 'a second charge of a request replaces the first',
    edits: [
      {
        file: 'src/ledger/apply-charges.ts',
        find: "ON CONFLICT DO NOTHING');\n  const insertSegments",
        replace: "ON CONFLICT (request_id) DO UPDATE SET charge_usd = excluded.charge_usd');\n  const insertSegments",
      },
    ],
    killedBy: {
      file: 'src/ledger/ledger-conformance.test.ts',
      titleIn: 'src/ledger/ledger-conformance.ts',
      test: 'a request is charged once however often it is settled',
    },
  },
  {
    name: 'an attempt that was closed is closed again',
    edits: [
      { file: 'src/ledger/apply-attempts.ts', find: "WHERE attempt_id = ? AND state = 'R'`", replace: 'WHERE attempt_id = ?`' },
      { file: 'src/ledger/apply-attempts.ts', find: 'else if (attempt.closed === undefined)', replace: 'else if (attempt.closed !== row)' },
    ],
    killedBy: {
      file: 'src/ledger/ledger-conformance.test.ts',
      titleIn: 'src/ledger/ledger-conformance.ts',
      test: 'an attempt is open until it is closed, and the first close stands',
    },
  },
];
