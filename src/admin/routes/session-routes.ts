import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { answered, changeRoute, nothing, readRoute, refused, type ControlRoute } from '../control-route.ts';
import { base32, totpUri } from '../sign-in/totp.ts';
import { failure, type Result } from '../../std/result.ts';
import { hashPassword, newPassword } from '../sign-in/password.ts';
import { sessionCookie, sessionCookieOf } from '../sign-in/session-cookie.ts';
import { usualSessionRules } from '../sign-in/sessions.ts';
import type { Actor } from '../actor.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { User } from '../sign-in/user-book.ts';

const path = '/control/v1/session';
const totpSecretBytes = 20;
const secretText = z.string().min(1).max(1024);
const code = z.string().regex(/^\d{6}$/, 'a code of six digits');

const sessionSchema = z.strictObject({
  signedIn: z.boolean(),
  open: z.boolean().describe('Whether whoever reaches the listener is the operator of this machine, so that nobody need sign in.'),
  name: z.string(),
  role: z.string(),
  controlToken: z.string().describe('What the header `x-second-source-control` of a change must hold.'),
  owesTotp: z.boolean().describe('Whether this admin must set up a second factor before anything else.'),
});

const show = readRoute(
  { method: 'GET', path, role: 'anybody', summary: 'Who asks, and whether they need to sign in.' },
  { query: nothing, answer: sessionSchema },
  ({ signIn, isSecure }, { actor, headers }) => {
    const session = signIn.sessions.find(sessionCookieOf(headers.cookie, isSecure));
    const user = actor.kind === 'user' ? signIn.users.find(actor.name) : undefined;
    return answered({
      signedIn: actor.kind === 'user',
      open: actor.kind === 'local',
      name: actor.name,
      role: actor.role,
      controlToken: session?.controlToken ?? '1',
      owesTotp: user !== undefined && user.role !== actor.role,
    });
  },
);

const begin = changeRoute(
  { method: 'POST', path, role: 'anybody', summary: 'Signs in: sets the session’s cookie.' },
  { body: z.strictObject({ name: secretText, password: secretText, code: code.optional() }), answer: sessionSchema },
  async ({ signIn, audit, isSecure }, { actor }, { name, password, code: given }) => {
    const done = await signIn.begin(name, password, given, actor.address);
    if (!done.ok) {
      // While somebody has to wait, nothing is checked, so that nothing is noted either: the log cannot be flooded.
      if (done.failure.code === 'sign_in_refused')
        await audit.append({ actor, action: 'session.begin', target: name.slice(0, 64), outcome: 'refused' });
      return { kind: 'fault', fault: done.failure };
    }
    const { user, role, owesTotp, secret, controlToken } = done.value;
    await audit.append({ actor: { kind: 'user', name: user.name, role, address: actor.address }, action: 'session.begin', target: user.name });
    return answered(
      { signedIn: true, open: false, name: user.name, role, controlToken, owesTotp },
      { 'set-cookie': sessionCookie(secret, usualSessionRules.absoluteMs, isSecure) },
    );
  },
);

const end = changeRoute(
  { method: 'DELETE', path, role: 'viewer', summary: 'Signs out.' },
  { body: nothing, answer: z.strictObject({ signedIn: z.literal(false) }) },
  async ({ signIn, audit, isSecure }, { actor, headers }) => {
    if (actor.kind !== 'user') return refused('invalid_request', 'Nobody has signed in here.');
    signIn.sessions.end(sessionCookieOf(headers.cookie, isSecure));
    await audit.append({ actor, action: 'session.end', target: actor.name });
    return answered({ signedIn: false as const }, { 'set-cookie': sessionCookie(undefined, 0, isSecure) });
  },
);

const password = changeRoute(
  { method: 'PUT', path: `${path}/password`, role: 'viewer', summary: 'Sets one’s own password, and ends all one’s sessions.' },
  {
    body: z.strictObject({ password: secretText, code: code.optional(), newPassword }),
    answer: z.strictObject({ signedIn: z.literal(false) }),
  },
  async ({ signIn, audit, clock }, { actor }, given) => {
    const checked = await ownUser(signIn, actor, given.password, given.code);
    if (!checked.ok) return { kind: 'fault', fault: checked.failure };
    await audit.append({ actor, action: 'user.set-password', target: actor.name });
    await signIn.users.put({ ...checked.value, password: await hashPassword(given.newPassword), changedAtWallMs: clock.wallMs() });
    signIn.sessions.endAll(actor.name);
    return answered({ signedIn: false as const });
  },
);

const drawTotp = changeRoute(
  { method: 'POST', path: `${path}/totp`, role: 'viewer', summary: 'Draws a secret for one’s own second factor, to be confirmed by a code.' },
  { body: nothing, answer: z.strictObject({ secret: z.string(), uri: z.string(), sealed: z.string() }) },
  ({ signIn }, { actor }) => {
    if (actor.kind !== 'user') return refused('invalid_request', 'Only who signed in with a password can have a second factor.');
    const secret = randomBytes(totpSecretBytes);
    return answered({ secret: base32(secret), uri: totpUri(secret, actor.name), sealed: signIn.seal(secret) });
  },
);

const confirmTotp = changeRoute(
  { method: 'PUT', path: `${path}/totp`, role: 'viewer', summary: 'Sets one’s own second factor, and ends all one’s sessions.' },
  { body: z.strictObject({ password: secretText, sealed: z.string().max(256), code }), answer: z.strictObject({ signedIn: z.literal(false) }) },
  async ({ signIn, audit, clock }, { actor }, given) => {
    if (actor.kind !== 'user') return refused('invalid_request', 'Only who signed in with a password can have a second factor.');
    if (signIn.users.find(actor.name)?.totp !== null) return refused('already_exists', 'An admin removes the second factor that there is.');
    const checked = await ownUser(signIn, actor, given.password, undefined);
    if (!checked.ok) return { kind: 'fault', fault: checked.failure };
    if (!signIn.confirms(given.sealed, given.code)) return refused('sign_in_refused', 'This is not the code of that secret at this time.');
    await audit.append({ actor, action: 'user.set-totp', target: actor.name });
    await signIn.users.put({ ...checked.value, totp: given.sealed, changedAtWallMs: clock.wallMs() });
    signIn.sessions.endAll(actor.name);
    return answered({ signedIn: false as const });
  },
);

/** Whoever changes their own secrets must show that they know the present ones, lest an open screen be enough. */
function ownUser(signIn: SignIn, actor: Actor, given: string, givenCode: string | undefined): Promise<Result<User, Fault>> {
  if (actor.kind !== 'user') return Promise.resolve(failure({ code: 'invalid_request', detail: 'Only who signed in with a password has one.' }));
  return signIn.check(actor.name, given, givenCode, actor.address);
}

export const sessionRoutes: readonly ControlRoute[] = [show, begin, end, password, drawTotp, confirmTotp];
