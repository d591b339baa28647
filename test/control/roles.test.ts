import { afterAll, beforeAll, expect, test } from 'vitest';
import { controlRoutes } from '../../src/admin/routes/control-routes.ts';
import { mayActAs, roles, type Access } from '../../src/admin/roles.ts';
import { silentGateway } from '../support/silent-gateway.ts';
import { startTestControl, type TestControl } from '../support/test-control.ts';

/* Security requirement S25: every route is asked with every role. */

const password = 'correct horse battery';
const day = 86_400_000;
let control: TestControl;
const tokens = new Map<Access, string>();

beforeAll(async () => {
  control = await startTestControl(silentGateway());
  for (const role of roles) {
    const created = await control.context.signIn.tokens.create(role, role, day);
    tokens.set(role, created?.secret ?? '');
  }
  expect((await control.ask('POST', '/control/v1/users', { name: 'root', role: 'admin', password })).status).toBe(200);
});
afterAll(() => control.stop());

/** What is asked of a route that may not be harmed by the asking: nothing that exists is named. */
function pathOf(path: string): string {
  return path.replaceAll(/\{[^}]+\}/g, 'nobody');
}

for (const route of controlRoutes) {
  for (const asking of ['anybody', ...roles] as const) {
    const may = mayActAs(asking, route.role);
    test(`S25: ${route.method} ${route.path} ${may ? 'lets' : 'does not let'} ${asking} in`, async () => {
      const token = tokens.get(asking);
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const abort = new AbortController();
      const response = await fetch(`${control.url}${pathOf(route.path)}`, {
        method: route.method,
        headers: { 'x-second-source-control': '1', ...headers },
        // A body that fits no route: nothing is changed by whoever is let in.
        ...(route.method === 'GET' || route.method === 'DELETE' ? {} : { body: '{"no such member":1}' }),
        signal: abort.signal,
      });
      abort.abort();
      const denied = asking === 'anybody' ? 401 : 403;
      if (may) expect([401, 403]).not.toContain(response.status);
      else expect(response.status).toBe(denied);
    });
  }
}

test('S25: a route that is not in the table does not exist, and none is in it twice', async () => {
  expect((await control.ask('GET', '/control/v1/everything', undefined, { authorization: `Bearer ${tokens.get('admin')}` })).status).toBe(404);
  const known = controlRoutes.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(known).size).toBe(known.length);
});

test('S25: what anybody may do is no more than to ask who they are and to sign in', () => {
  expect(controlRoutes.filter(({ role }) => role === 'anybody').map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /control/v1/session',
    'POST /control/v1/session',
  ]);
});

test('S25: only what shows is open to a viewer, besides what concerns the viewer alone', () => {
  const changing = controlRoutes.filter(({ method, role }) => method !== 'GET' && role === 'viewer');
  expect(changing.every(({ path }) => path.startsWith('/control/v1/session'))).toBe(true);
});
