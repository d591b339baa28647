import { afterEach, expect, onTestFinished, test } from 'vitest';
import { fromBase32 } from '../support/from-base32.ts';
import { hashPassword } from '../../src/admin/sign-in/password.ts';
import { silentGateway } from '../support/silent-gateway.ts';
import { startTestControl, type TestControl, type TestControlOptions } from '../support/test-control.ts';
import { systemClock } from '../../src/std/clock.ts';
import { totpCode } from '../../src/admin/sign-in/totp.ts';

/* Security requirements S27 to S30. */

const password = 'correct horse battery';
let aheadMs = 0;
/** Time goes on only when a test says so, however busy the machine is. */
const clock = { ...systemClock, nowMs: () => aheadMs, wallMs: () => 1_800_000_000_000 + aheadMs };
afterEach(() => {
  aheadMs = 0;
});

async function withAdmin(options: TestControlOptions = {}): Promise<TestControl> {
  const control = await startTestControl(silentGateway(), { signInClock: clock, ...options });
  onTestFinished(control.stop);
  const hash = await hashPassword(password, { logN: 10, r: 8, p: 1 });
  await control.context.signIn.users.put({ name: 'root', role: 'admin', password: hash, totp: null, createdAtWallMs: 0, changedAtWallMs: 0 });
  return control;
}

interface Signed {
  readonly status: number;
  readonly cookie: string;
  readonly body: { controlToken: string; role: string; owesTotp: boolean; error?: { code: string } };
  readonly headers: Headers;
}

async function signIn(control: TestControl, name: string, given: string, code?: string): Promise<Signed> {
  const response = await control.ask('POST', '/control/v1/session', { name, password: given, ...(code === undefined ? {} : { code }) });
  return {
    status: response.status,
    cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '',
    body: JSON.parse(await response.text()),
    headers: response.headers,
  };
}

test('S27: on loopback without users whoever reaches the listener is the operator; with a user, everybody signs in', async () => {
  const control = await startTestControl(silentGateway());
  onTestFinished(control.stop);
  expect(await (await control.ask('GET', '/control/v1/session')).json()).toMatchObject({ open: true, role: 'admin' });
  expect((await control.ask('POST', '/control/v1/users', { name: 'v', role: 'viewer', password })).status).toBe(400);
  expect((await control.ask('POST', '/control/v1/users', { name: 'root', role: 'admin', password: 'short' })).status).toBe(400);
  expect((await control.ask('POST', '/control/v1/users', { name: 'root', role: 'admin', password })).status).toBe(200);
  expect((await control.ask('GET', '/control/v1/status')).status).toBe(401);
  expect(await (await control.ask('GET', '/control/v1/session')).json()).toMatchObject({ open: false, signedIn: false, role: 'anybody' });
});

test('S28, S29: who signed in is known by a cookie that scripts cannot read and other sites cannot send, and changes things with the session’s token alone', async () => {
  const control = await withAdmin();
  const { status, cookie, body, headers } = await signIn(control, 'root', password);
  expect(status).toBe(200);
  expect(headers.getSetCookie()[0]).toMatch(/^second-source=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  expect((await control.ask('GET', '/control/v1/status', undefined, { cookie })).status).toBe(200);
  const unplug = (token: string): Promise<Response> =>
    control.ask('POST', '/control/v1/endpoints/a/unplug', {}, { cookie, 'x-second-source-control': token });
  expect((await unplug('1')).status).toBe(403);
  expect((await unplug('x'.repeat(43))).status).toBe(403);
  expect((await unplug(body.controlToken)).status).toBe(200);
});

test('S29: another site’s page, another host’s name and a request without the control header are refused', async () => {
  const control = await withAdmin();
  const { cookie } = await signIn(control, 'root', password);
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${control.url}/control/v1/status`, { headers: { cookie, ...headers } })).status;
  expect(await status({})).toBe(403);
  expect(await status({ 'x-second-source-control': '1', origin: 'https://evil.example' })).toBe(403);
  expect(await status({ 'x-second-source-control': '1', 'sec-fetch-site': 'cross-site' })).toBe(403);
  const answer = await control.ask('GET', '/control/v1/status', undefined, { cookie });
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

test('S28: a session ends 30 minutes after its last use, and 12 hours after its beginning whatever its use', async () => {
  const control = await withAdmin();
  const idle = await signIn(control, 'root', password);
  const status = async ({ cookie }: Signed): Promise<number> => (await control.ask('GET', '/control/v1/status', undefined, { cookie })).status;
  aheadMs = 29 * 60_000;
  expect(await status(idle)).toBe(200);
  aheadMs += 31 * 60_000;
  expect(await status(idle)).toBe(401);
  const busy = await signIn(control, 'root', password);
  const begunMs = aheadMs;
  for (; aheadMs < begunMs + 12 * 3_600_000 - 60_000; aheadMs += 29 * 60_000) expect(await status(busy)).toBe(200);
  aheadMs = begunMs + 12 * 3_600_000 + 1000;
  expect(await status(busy)).toBe(401);
});

test('S28: signing out, a new password and a new role end a session on the server', async () => {
  const control = await withAdmin();
  const root = await signIn(control, 'root', password);
  const as = (signed: Signed): Record<string, string> => ({ cookie: signed.cookie, 'x-second-source-control': signed.body.controlToken });
  const isIn = async ({ cookie }: Signed): Promise<boolean> => (await control.ask('GET', '/control/v1/status', undefined, { cookie })).status === 200;
  expect((await control.ask('POST', '/control/v1/users', { name: 'ann', role: 'operator', password }, as(root))).status).toBe(200);
  const first = await signIn(control, 'ann', password);
  expect((await control.ask('DELETE', '/control/v1/session', undefined, as(first))).status).toBe(200);
  expect(await isIn(first)).toBe(false);
  const second = await signIn(control, 'ann', password);
  expect((await control.ask('PUT', '/control/v1/users/ann', { role: 'viewer' }, as(root))).status).toBe(200);
  expect(await isIn(second)).toBe(false);
  const third = await signIn(control, 'ann', password);
  expect(third.body.role).toBe('viewer');
  const other = 'another long password';
  expect((await control.ask('PUT', '/control/v1/session/password', { password: 'wrong', newPassword: other }, as(third))).status).toBe(401);
  expect((await control.ask('PUT', '/control/v1/session/password', { password, newPassword: other }, as(third))).status).toBe(200);
  expect(await isIn(third)).toBe(false);
  expect((await signIn(control, 'ann', password)).status).toBe(401);
  const fourth = await signIn(control, 'ann', other);
  expect((await control.ask('DELETE', '/control/v1/users/ann', undefined, as(root))).status).toBe(200);
  expect(await isIn(fourth)).toBe(false);
  expect((await control.ask('PUT', '/control/v1/users/root', { role: 'viewer' }, as(root))).status).toBe(400);
});

test('S27: whoever fails again and again must wait, longer each time, and is told how long; the right password does not help meanwhile', async () => {
  const control = await withAdmin();
  for (let count = 0; count < 5; count += 1) expect((await signIn(control, 'root', 'wrong password')).status).toBe(401);
  const locked = await signIn(control, 'root', password);
  expect([locked.status, locked.body.error?.code]).toEqual([429, 'sign_in_locked']);
  expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
  aheadMs += 1100;
  expect((await signIn(control, 'root', 'wrong password')).status).toBe(401);
  aheadMs += 1100;
  expect((await signIn(control, 'root', password)).status).toBe(429);
  aheadMs += 1000;
  expect((await signIn(control, 'root', password)).status).toBe(200);
  const failures = (await control.context.audit.list(100)).filter(({ action, outcome }) => action === 'session.begin' && outcome === 'refused');
  expect(failures).toHaveLength(6);
  expect(JSON.stringify(failures)).not.toContain('wrong password');
});

test('S27: an admin beyond loopback may only look until a second factor is set, whose codes count once', async () => {
  const control = await withAdmin({ beyondLoopback: true });
  expect((await control.ask('GET', '/control/v1/status')).status).toBe(401);
  const owing = await signIn(control, 'root', password);
  expect(owing.body).toMatchObject({ role: 'viewer', owesTotp: true });
  const as = { cookie: owing.cookie, 'x-second-source-control': owing.body.controlToken };
  expect((await control.ask('GET', '/control/v1/users', undefined, as)).status).toBe(403);
  const drawn: { secret: string; uri: string; sealed: string } = JSON.parse(
    await (await control.ask('POST', '/control/v1/session/totp', {}, as)).text(),
  );
  expect(drawn.uri).toContain(`secret=${drawn.secret}`);
  const secret = fromBase32(drawn.secret);
  const code = (stepsAhead: number): string => totpCode(secret, Math.floor(clock.wallMs() / 30_000) + stepsAhead);
  const confirm = (given: string): Promise<Response> =>
    control.ask('PUT', '/control/v1/session/totp', { password, sealed: drawn.sealed, code: given }, as);
  expect((await confirm(code(9))).status).toBe(401);
  expect((await confirm(code(0))).status).toBe(200);
  expect((await signIn(control, 'root', password)).status).toBe(401);
  const used = code(0);
  expect((await signIn(control, 'root', password, used)).body).toMatchObject({ role: 'admin', owesTotp: false });
  expect((await signIn(control, 'root', password, used)).status).toBe(401);
  expect((await signIn(control, 'root', password, code(1))).status).toBe(200);
});

test('S6, S27: a control token works with its role until it expires or is revoked; its digest, an API key and nonsense do not', async () => {
  const control = await withAdmin();
  const created = await control.context.signIn.tokens.create('ci', 'operator', 86_400_000);
  if (created === undefined) throw new Error('no token');
  const status = async (bearer: string): Promise<number> =>
    (await control.ask('GET', '/control/v1/status', undefined, { authorization: `Bearer ${bearer}` })).status;
  expect(created.secret).toMatch(/^sst_[\w-]{43}$/);
  expect(await status(created.secret)).toBe(200);
  for (const other of [created.token.digest, `sst_${created.token.digest}`, `ss_${'x'.repeat(43)}`, 'sst_', created.secret.toUpperCase()])
    expect(await status(other)).toBe(401);
  aheadMs = 86_400_001;
  expect(await status(created.secret)).toBe(401);
  aheadMs = 0;
  await control.context.signIn.tokens.revoke(created.token.id);
  expect(await status(created.secret)).toBe(401);
});

test('a bad token is refused even where nobody needs one', async () => {
  const control = await startTestControl(silentGateway());
  onTestFinished(control.stop);
  expect((await control.ask('GET', '/control/v1/status')).status).toBe(200);
  expect((await control.ask('GET', '/control/v1/status', undefined, { authorization: 'Bearer sst_no' })).status).toBe(401);
});
