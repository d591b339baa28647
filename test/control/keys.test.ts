import { expect, onTestFinished, test } from 'vitest';
import { Desk } from '../../src/access/testing/desk.ts';
import { silentGateway } from '../support/silent-gateway.ts';
import { startTestControl } from '../support/test-control.ts';

test('S1, S33: keys are made, listed, rotated and revoked; the secret is shown once, and neither it nor its digest is in the audit log', async () => {
  const desk = new Desk();
  const control = await startTestControl(silentGateway(), { keys: desk.book });
  onTestFinished(control.stop);
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> & { secret: string; key: { id: string } } }> => {
    const response = await control.ask(method, `/control/v1/keys${path}`, body);
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const made = await ask('POST', '', { team: 'red', name: 'shop', scopes: { models: ['m*'] } });
  expect([made.status, desk.admits(made.body.secret)]).toEqual([200, { tenant: 'red', keyId: made.body.key.id }]);
  expect((await ask('POST', '', { team: 'nobody' })).status).toBe(400);
  const { id } = made.body.key;
  const rotated = await ask('POST', `/${id}/rotate`, { overlapMs: 1000 });
  expect([desk.admits(made.body.secret), desk.admits(rotated.body.secret)]).toEqual([
    { tenant: 'red', keyId: id },
    { tenant: 'red', keyId: id },
  ]);
  const listed = await ask('GET', '');
  expect(listed.body).toMatchObject({ keys: [{ id, team: 'red', name: 'shop', state: 'valid', scopes: { models: ['m*'] } }] });
  expect((await ask('DELETE', `/${id}`)).body).toMatchObject({ state: 'revoked' });
  expect(desk.admits(rotated.body.secret)).toBe('The key was revoked.');
  expect((await ask('DELETE', '/nobody')).status).toBe(404);
  const log = JSON.stringify(await control.context.audit.list(100));
  expect((await control.context.audit.list(100)).map(({ action }) => action)).toEqual(['key.revoke', 'key.rotate', 'key.create', 'key.create']);
  const digests = desk.store.keys.flatMap(({ versions }) => versions.map(({ digest }) => digest));
  for (const text of [made.body.secret, rotated.body.secret, ...digests]) {
    expect(log).not.toContain(text);
    expect(JSON.stringify(listed.body)).not.toContain(text);
  }
});
