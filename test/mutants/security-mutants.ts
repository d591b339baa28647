import type { Mutant } from './mutant.ts';

const hostReach = 'src/config/host-reach.ts';
const marks = 'test/security/tenant-marks.test.ts';
const killers = 'test/security/engine-killers.test.ts';
const eachName =
  'S8: where a request goes is nobody’s to say but the operator’s: every such name is refused on every route, at any depth, in any spelling';
const noLeak = 'S5, S31: whatever an endpoint does, no byte to a client holds its key, and nobody’s prompt comes back by the control API';

/** Wrong versions of what stands between tenants, endpoints and whoever would turn one against another. */
export const securityMutants: readonly Mutant[] = [
  {
    name: 'an inner address written for NAT64 is taken for a public one',
    edits: [{ file: hostReach, find: 'if (isMapped || isTranslated || isNat64)', replace: 'if (isMapped || isTranslated || (isNat64 && !isNat64))' }],
    killedBy: { file: 'src/config/endpoint-address.test.ts', test: 'S10: %s is %s' },
  },
  {
    name: 'an endpoint that may have private addresses may have those of metadata services',
    edits: [{ file: hostReach, find: "(allowPrivate && reach !== 'forbidden')", replace: 'allowPrivate' }],
    killedBy: {
      file: 'src/upstream/open-socket.test.ts',
      test: 'S10: %s is connected to by nobody, not even by an endpoint that may have private addresses, whatever name leads there',
    },
  },
  {
    name: 'the translated routes let pass where a request should go',
    edits: [
      {
        file: 'src/protocol/messages/parse-messages-request.ts',
        find: '  if (refused !== undefined) return failure(refused);\n  const parsed',
        replace: '  if (refused === undefined && toolData.size < 0) return failure({ code: "invalid_request" });\n  const parsed',
      },
    ],
    killedBy: { file: 'test/security/upstream-urls.test.ts', test: eachName },
  },
  {
    name: 'raw completions pass on what only chat judges',
    edits: [
      {
        file: 'src/protocol/parse-completion-request.ts',
        find: 'findRefusedField(json) ?? findStrayField(json, completionShape.shape)',
        replace: 'findRefusedField(json) ?? (limits.n < 0 ? findStrayField(json, completionShape.shape) : undefined)',
      },
    ],
    killedBy: { file: killers, test: 'S17: %s never reaches an engine, which would die of it' },
  },
  {
    name: 'a salt of the client’s own reaches an engine',
    edits: [{ file: 'src/protocol/find-refused-field.ts', find: "  'cache_salt',\n", replace: '' }],
    killedBy: { file: killers, test: 'S17: %s never reaches an engine, which would die of it' },
  },
  {
    name: 'all tenants have one salt',
    edits: [{ file: 'src/upstream/tenant-marks.ts', find: "digest('salt', tenant)", replace: "digest('salt', '')" }],
    killedBy: { file: marks, test: 'S22: %s is sent a salt for each tenant, which says nothing of who it is' },
  },
  {
    name: 'a continuation by token ids meets the cache of everybody',
    edits: [{ file: 'src/upstream/fitting-to.ts', find: '? tenantMark?.salt : undefined', replace: '? undefined : tenantMark?.salt' }],
    killedBy: { file: marks, test: 'S22: a continuation by token ids, and raw completions, meet the cache of the same tenant' },
  },
  {
    name: 'an endpoint’s key is passed on where it quotes it',
    edits: [
      {
        file: 'src/upstream/without-key.ts',
        find: 'if (key === undefined || key.length < leastCharacters) return failure;',
        replace: 'if (key === undefined || key.length > 0) return failure;',
      },
    ],
    killedBy: { file: 'test/security/canaries.test.ts', test: noLeak },
  },
  {
    name: 'another tenant’s response is found by its id',
    edits: [
      { file: 'src/gateway/stored-responses.ts', find: 'JSON.stringify([tenant, id])', replace: 'JSON.stringify([tenant.slice(tenant.length), id])' },
    ],
    killedBy: {
      file: 'test/security/two-tenant-routes.test.ts',
      test: 'S24: a response that another tenant keeps is not there: on every route it is told in the same words as one that never was',
    },
  },
  {
    name: 'an idempotency key is everybody’s',
    edits: [
      {
        file: 'src/gateway/idempotency/serve-once.ts',
        find: 'JSON.stringify([request.tenant, request.api, key.key])',
        replace: 'JSON.stringify([request.api, key.key])',
      },
    ],
    killedBy: {
      file: 'test/security/two-tenant-routes.test.ts',
      test: 'S21: an idempotency key belongs to its tenant: another’s is neither attached to, nor given again, nor told of',
    },
  },
  {
    name: 'a long host in an endpoint’s words is looked at from every hyphen',
    edits: [{ file: 'src/protocol/scrub-message.ts', find: '/(?<![a-z0-9.-])[a-z0-9-]+', replace: '/\\b[a-z0-9-]+' }],
    killedBy: {
      file: 'test/security/patterns.test.ts',
      test: 'S19: no pattern of the source costs more than its text is long, whatever text is made against it',
    },
  },
];
