import { z } from 'zod';
import { answered, changeRoute, nothing, readRoute, refused, type ControlRoute } from '../control-route.ts';
import { hashPassword, newPassword } from '../sign-in/password.ts';
import { roles, type Role } from '../roles.ts';
import { userName, type User } from '../sign-in/user-book.ts';
import type { ControlContext } from '../control-context.ts';

const path = '/control/v1/users';
const named = `${path}/{name}` as const;
const role = z.enum(roles);
const userSchema = z.strictObject({ name: z.string(), role, totp: z.boolean(), createdAtWallMs: z.number(), changedAtWallMs: z.number() });
const noUser = 'There is no user of this name.';

function shown({ name, role: own, totp, createdAtWallMs, changedAtWallMs }: User): z.infer<typeof userSchema> {
  return { name, role: own, totp: totp !== null, createdAtWallMs, changedAtWallMs };
}

const list = readRoute(
  { method: 'GET', path, role: 'admin', summary: 'Who may sign in.' },
  { query: nothing, answer: z.strictObject({ users: z.array(userSchema) }) },
  ({ signIn }) => answered({ users: signIn.users.all().map(shown) }),
);

const add = changeRoute(
  { method: 'POST', path, role: 'admin', summary: 'Adds a user. The first must be an admin; from then on everybody signs in.' },
  { body: z.strictObject({ name: userName, role, password: newPassword }), answer: userSchema },
  async (context, { actor }, given) => {
    const { signIn, audit, clock } = context;
    if (signIn.users.find(given.name) !== undefined) return refused('already_exists', 'There is a user of this name.');
    if (!hasAdminWith(context, given.name, given.role)) return refused('invalid_request', 'The first user must be an admin.', { param: 'role' });
    const nowMs = clock.wallMs();
    const user = {
      name: given.name,
      role: given.role,
      password: await hashPassword(given.password),
      totp: null,
      createdAtWallMs: nowMs,
      changedAtWallMs: nowMs,
    };
    await audit.append({ actor, action: 'user.add', target: user.name, after: { role: user.role } });
    await signIn.users.put(user);
    return answered(shown(user));
  },
);

const change = changeRoute(
  { method: 'PUT', path: named, role: 'admin', summary: 'Changes a user’s role or password, and ends all their sessions.' },
  { body: z.strictObject({ role: role.optional(), password: newPassword.optional() }), answer: userSchema },
  async (context, { actor, params: { name = '' } }, given) => {
    const { signIn, audit, clock } = context;
    const user = signIn.users.find(name);
    if (user === undefined) return refused('no_such_entry', noUser);
    const next = given.role ?? user.role;
    if (!hasAdminWith(context, name, next)) return refused('invalid_request', 'The last admin cannot be made less.', { param: 'role' });
    const password = given.password === undefined ? user.password : await hashPassword(given.password);
    const note = given.password === undefined ? {} : { note: 'with a new password' };
    await audit.append({ actor, action: 'user.change', target: name, before: { role: user.role }, after: { role: next }, ...note });
    const changed = { ...user, role: next, password, changedAtWallMs: clock.wallMs() };
    await signIn.users.put(changed);
    signIn.sessions.endAll(name);
    return answered(shown(changed));
  },
);

const remove = changeRoute(
  { method: 'DELETE', path: named, role: 'admin', summary: 'Removes a user, and ends all their sessions.' },
  { body: nothing, answer: z.strictObject({ name: z.string() }) },
  async (context, { actor, params: { name = '' } }) => {
    const { signIn, audit, loopbackOnly } = context;
    const user = signIn.users.find(name);
    if (user === undefined) return refused('no_such_entry', noUser);
    const isLast = signIn.users.all().length === 1;
    if (isLast ? !loopbackOnly : !hasAdminWith(context, name, undefined))
      return refused('invalid_request', 'The last admin cannot be removed: nobody could manage this gateway.');
    await audit.append({ actor, action: 'user.remove', target: name, before: { role: user.role } });
    await signIn.users.remove(name);
    signIn.sessions.endAll(name);
    return answered({ name });
  },
);

const removeTotp = changeRoute(
  {
    method: 'DELETE',
    path: `${named}/totp`,
    role: 'admin',
    summary: 'Removes the second factor of a user who lost it, and ends all their sessions.',
  },
  { body: nothing, answer: userSchema },
  async ({ signIn, audit, clock }, { actor, params: { name = '' } }) => {
    const user = signIn.users.find(name);
    if (user === undefined) return refused('no_such_entry', noUser);
    await audit.append({ actor, action: 'user.remove-totp', target: name });
    const changed = { ...user, totp: null, changedAtWallMs: clock.wallMs() };
    await signIn.users.put(changed);
    signIn.sessions.endAll(name);
    return answered(shown(changed));
  },
);

/** Whether an admin is left once this user has this role, or is gone. */
function hasAdminWith({ signIn }: ControlContext, name: string, next: Role | undefined): boolean {
  return next === 'admin' || signIn.users.all().some((other) => other.role === 'admin' && other.name !== name);
}

export const userRoutes: readonly ControlRoute[] = [list, add, change, remove, removeTotp];
