import { z } from 'zod';
import { answered, changeRoute, nothing, readRoute, refused, type ControlRoute } from '../control-route.ts';
import { roles } from '../roles.ts';
import { userName } from '../sign-in/user-book.ts';
import type { ControlToken } from '../sign-in/token-book.ts';

const path = '/control/v1/tokens';
const dayMs = 86_400_000;
const tokenSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  createdAtWallMs: z.number(),
  expiresAtWallMs: z.number(),
});

function shown({ id, name, role, createdAtWallMs, expiresAtWallMs }: ControlToken): z.infer<typeof tokenSchema> {
  return { id, name, role, createdAtWallMs, expiresAtWallMs };
}

const list = readRoute(
  { method: 'GET', path, role: 'admin', summary: 'Control tokens, without what they are.' },
  { query: nothing, answer: z.strictObject({ tokens: z.array(tokenSchema) }) },
  ({ signIn }) => answered({ tokens: signIn.tokens.all().map(shown) }),
);

const create = changeRoute(
  { method: 'POST', path, role: 'admin', summary: 'Makes a control token for a program. It is shown this once.' },
  {
    body: z.strictObject({ name: userName, role: z.enum(roles), days: z.int().min(1).max(365).default(90) }),
    answer: z.strictObject({ ...tokenSchema.shape, token: z.string() }),
  },
  async ({ signIn, audit }, { actor }, { name, role, days }) => {
    await audit.append({ actor, action: 'token.create', target: name, after: { role, days } });
    const created = await signIn.tokens.create(name, role, days * dayMs);
    if (created === undefined) return refused('invalid_request', 'There are a thousand tokens already; revoke some.');
    return answered({ ...shown(created.token), token: created.secret });
  },
);

const revoke = changeRoute(
  { method: 'DELETE', path: `${path}/{id}`, role: 'admin', summary: 'Revokes a control token at once.' },
  { body: nothing, answer: z.strictObject({ id: z.string() }) },
  async ({ signIn, audit }, { actor, params: { id = '' } }) => {
    const token = signIn.tokens.all().find((one) => one.id === id);
    if (token === undefined) return refused('no_such_entry', 'There is no token of this id.');
    await audit.append({ actor, action: 'token.revoke', target: token.name, before: { id, role: token.role } });
    await signIn.tokens.revoke(id);
    return answered({ id });
  },
);

export const tokenRoutes: readonly ControlRoute[] = [list, create, revoke];
