import { z } from 'zod';
import { answered, changeRoute, nothing, readRoute, refused, type ControlOutcome, type ControlRoute } from '../control-route.ts';
import { longestOverlapMs, scopesSchema } from '../../access/stored-key.ts';
import type { ControlContext } from '../control-context.ts';
import type { KeyProblem } from '../../access/key-store.ts';
import type { KeyView } from '../../access/key-view.ts';

const path = '/control/v1/keys';
const noKeys = 'This gateway keeps no keys.';
const noSuchKey = 'There is no key of this id.';

const keySchema = z.strictObject({
  id: z.string(),
  team: z.string(),
  name: z.string(),
  environment: z.string(),
  display: z.string().describe('By which a person knows the key that they hold.'),
  state: z.enum(['valid', 'expired', 'revoked']),
  scopes: scopesSchema,
  createdAtWallMs: z.number(),
  expiresAtWallMs: z.number().nullable(),
  revokedAtWallMs: z.number().nullable(),
  replaced: z.strictObject({ display: z.string(), endsAtWallMs: z.number() }).nullable(),
});
const madeSchema = z.strictObject({ key: keySchema, secret: z.string().describe('The key itself, shown this once.') });

/** The parts of a key that stand in the audit log: whose it is and what it may use, nothing of its text. */
function noted({ team, name, state, scopes, expiresAtWallMs }: KeyView): Record<string, unknown> {
  return { team, name, state, scopes, expiresAtWallMs };
}

function problem({ kind, message }: KeyProblem): ControlOutcome<never> {
  switch (kind) {
    case 'unknown-key':
      return refused('no_such_entry', message);
    case 'store-unavailable':
      return refused('keys_unavailable', message);
    case 'unknown-team':
    case 'not-valid':
    case 'bad-value':
    case 'rotation-runs':
    case 'too-many':
      return refused('invalid_request', message);
  }
}

const list = readRoute(
  { method: 'GET', path, role: 'viewer', summary: 'All keys, without what they are; the newest first.' },
  { query: nothing, answer: z.strictObject({ keys: z.array(keySchema) }) },
  ({ keys }) => (keys === undefined ? refused('no_such_entry', noKeys) : answered({ keys: [...keys.list()] })),
);

const create = changeRoute(
  { method: 'POST', path, role: 'admin', summary: 'Makes a key of a team. It is shown this once.' },
  {
    body: z.strictObject({
      team: z.string().min(1).max(64),
      name: z.string().max(128).default('').describe('What it is for.'),
      scopes: scopesSchema.default({}),
      expiresAtWallMs: z.int().nullable().default(null),
    }),
    answer: madeSchema,
  },
  async (context, { actor }, wish) => {
    const { keys, audit } = context;
    if (keys === undefined) return refused('no_such_entry', noKeys);
    await audit.append({ actor, action: 'key.create', target: wish.team, after: wish });
    const made = await keys.create(wish);
    if (!made.ok) return problem(made.failure);
    tell(context, 'created', made.value.key);
    return answered(made.value);
  },
);

const rotate = changeRoute(
  { method: 'POST', path: `${path}/{id}/rotate`, role: 'admin', summary: 'Makes a new secret for a key; the present one holds for a while more.' },
  { body: z.strictObject({ overlapMs: z.int().min(0).max(longestOverlapMs).default(86_400_000) }), answer: madeSchema },
  async (context, { actor, params: { id = '' } }, { overlapMs }) => {
    const { keys, audit } = context;
    const before = keys?.find(id);
    if (keys === undefined || before === undefined) return refused('no_such_entry', noSuchKey);
    await audit.append({ actor, action: 'key.rotate', target: id, before: noted(before), after: { overlapMs } });
    const made = await keys.rotate(id, { overlapMs });
    if (!made.ok) return problem(made.failure);
    tell(context, 'rotated', made.value.key);
    return answered(made.value);
  },
);

const revoke = changeRoute(
  { method: 'DELETE', path: `${path}/{id}`, role: 'admin', summary: 'Revokes a key: here at once, in other processes within two seconds.' },
  { body: nothing, answer: keySchema },
  async (context, { actor, params: { id = '' } }) => {
    const { keys, audit } = context;
    const before = keys?.find(id);
    if (keys === undefined || before === undefined) return refused('no_such_entry', noSuchKey);
    await audit.append({ actor, action: 'key.revoke', target: id, before: noted(before) });
    const revoked = await keys.revoke(id);
    if (!revoked.ok) return problem(revoked.failure);
    tell(context, 'revoked', revoked.value);
    return answered(revoked.value);
  },
);

function tell({ events }: ControlContext, what: string, { id, team, name }: KeyView): void {
  events.emit('key', { what, id, team, name });
}

export const keyRoutes: readonly ControlRoute[] = [list, create, rotate, revoke];
