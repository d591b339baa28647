import { expect, test } from 'vitest';
import { authenticateBy, type Authenticate } from './authenticate.ts';
import { Desk } from '../access/testing/desk.ts';

function door(desk: Desk, listenKeys: readonly { readonly id: string; readonly key: string }[] = []): Authenticate {
  return authenticateBy({ listenKeys, teams: desk.teams, book: desk.book, clock: { wallMs: () => desk.wallMs } });
}

function told(answer: ReturnType<Authenticate>): string {
  return answer.ok ? `${answer.value.tenant} ${answer.value.keyId}` : (answer.failure.detail ?? answer.failure.code);
}

const bearer = (key: string): { readonly authorization: string } => ({ authorization: `Bearer ${key}` });

test('a key that was revoked, replaced or has expired is let in no more, though it was seen before', async () => {
  const desk = new Desk();
  const enter = door(desk);
  const [lasting, short, old] = [await desk.made({}), await desk.made({ expiresAtWallMs: desk.wallMs + 5000 }), await desk.made({})];
  const ask = (): readonly string[] =>
    [lasting, short, old].flatMap(({ secret }) => [told(enter(bearer(secret))), told(enter({ 'x-api-key': secret }))]);
  for (const _ of [1, 2]) expect(ask()).toEqual([lasting, short, old].flatMap(({ key }) => [`red ${key.id}`, `red ${key.id}`]));
  await desk.book.rotate(old.key.id, { overlapMs: 3000 });
  expect(ask().slice(4)).toEqual([`red ${old.key.id}`, `red ${old.key.id}`]);
  desk.wallMs += 3000;
  expect(ask()[4]).toBe('The key was replaced by a newer one.');
  desk.wallMs += 2000;
  expect(ask().slice(2, 4)).toEqual(['The key has expired.', 'The key has expired.']);
  await desk.book.revoke(lasting.key.id);
  expect(ask().slice(0, 2)).toEqual(['The key was revoked.', 'The key was revoked.']);
});

test('S3: of two keys that share any beginning, one is never taken for the other', async () => {
  const desk = new Desk();
  const enter = door(desk);
  const { key, secret } = await desk.made({});
  expect(told(enter(bearer(secret)))).toBe(`red ${key.id}`);
  for (let length = 1; length < secret.length; length += 1) {
    expect(told(enter(bearer(secret.slice(0, length))))).toBe('invalid_api_key');
    const changed = `${secret.slice(0, length)}${secret[length] === 'a' ? 'b' : 'a'}${secret.slice(length + 1)}`;
    expect(told(enter(bearer(changed)))).toBe('invalid_api_key');
  }
  expect(told(enter(bearer(`${secret}a`)))).toBe('invalid_api_key');
});

test('S3: a wrong key is right as soon as it is made, and never again after the store is lost', async () => {
  const desk = new Desk();
  const enter = door(desk, [{ id: 'FRONT', key: 'ss-front' }]);
  const { secret } = await desk.made({});
  desk.teams.use([]);
  expect(told(enter(bearer(secret)))).toBe('The team of this key does not exist any more.');
  desk.teams.use([{ id: 'red', name: '', approvals: {}, scopes: {} }]);
  expect(told(enter(bearer(secret)))).toMatch(/^red /);
  desk.book.adopt('unreadable');
  expect(told(enter(bearer(secret)))).toBe('keys_unavailable');
  expect(told(enter(bearer('ss-front')))).toBe('local FRONT');
  expect(told(enter({}))).toBe('invalid_api_key');
});

test('without keys and teams whoever comes is the operator, until the first key is made', async () => {
  const desk = new Desk({ teams: [] });
  const enter = door(desk);
  expect([told(enter({})), told(enter(bearer('sk-whatever')))]).toEqual(['local none', 'local none']);
  const { key, secret } = await desk.made({ team: 'local' });
  expect([told(enter({})), told(enter(bearer('sk-whatever')))]).toEqual(['invalid_api_key', 'invalid_api_key']);
  expect(told(enter(bearer(secret)))).toBe(`local ${key.id}`);
});

test('what a caller may use is worked out once, not for every request', async () => {
  const desk = new Desk({ teams: [{ id: 'red', name: '', approvals: { regions: ['eu'] }, scopes: {} }] });
  const enter = door(desk);
  const { secret } = await desk.made({});
  const [first, second] = [enter(bearer(secret)), enter(bearer(secret))];
  expect(first.ok && second.ok && first.value === second.value && first.value.rules !== undefined).toBe(true);
});
