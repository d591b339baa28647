import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Desk } from './testing/desk.ts';
import { keyFileSchema } from './stored-key.ts';
import { readKey, writeKey } from './key-format.ts';

const dayMs = 86_400_000;

test('S1: a key is shown once, let in until it is revoked, and listed by its id and last four characters', async () => {
  const desk = new Desk();
  const { key, secret } = await desk.made({ team: 'red', name: 'for the shop' });
  expect(secret).toMatch(/^ss_test_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9a-f]{8}$/);
  expect(key.display).toBe(`ss_test_${key.id}_…${readKey(secret)?.secret.slice(-4)}`);
  expect(desk.admits(secret)).toEqual({ tenant: 'red', keyId: key.id });
  expect((await desk.book.revoke(key.id)).ok).toBe(true);
  expect(desk.admits(secret)).toBe('The key was revoked.');
  expect(desk.book.list()).toMatchObject([{ id: key.id, team: 'red', name: 'for the shop', state: 'revoked' }]);
});

test('S1: nothing that is kept lets anybody in: no digest, no part of a key, no key with another id', async () => {
  const desk = new Desk();
  const { key, secret } = await desk.made({});
  const other = await desk.made({});
  const kept = desk.store.keys.flatMap(({ versions }) => versions.map(({ digest }) => digest));
  const parts = readKey(secret);
  const forged = kept.flatMap((digest) => [
    digest,
    `ss_test_${key.id}_${digest}`,
    writeKey({ environment: 'test', id: key.id, secret: digest.slice(0, 43) }),
    writeKey({ environment: 'test', id: key.id, secret: digest.slice(21) }),
  ]);
  const swapped = writeKey({ environment: 'test', id: other.key.id, secret: parts?.secret ?? '' });
  for (const text of [...forged, swapped, secret.slice(0, -1), `${secret}0`, secret.toUpperCase(), ''])
    expect(desk.admits(text)).toBe('invalid_api_key');
  expect(JSON.stringify(desk.store.keys)).not.toContain(parts?.secret);
});

test('a key has expired from the millisecond that it was given', async () => {
  const desk = new Desk();
  const { secret } = await desk.made({ expiresAtWallMs: desk.wallMs + 1000 });
  desk.wallMs += 999;
  expect(desk.admits(secret)).toMatchObject({ tenant: 'red' });
  desk.wallMs += 1;
  expect(desk.admits(secret)).toBe('The key has expired.');
});

test('S6: a replaced version lasts as long as the overlap, seven days at most, and a revocation ends both', async () => {
  const desk = new Desk();
  const old = await desk.made({});
  expect(await desk.book.rotate(old.key.id, { overlapMs: 7 * dayMs + 1 })).toMatchObject({ ok: false, failure: { kind: 'bad-value' } });
  const next = await desk.book.rotate(old.key.id, { overlapMs: 7 * dayMs });
  if (!next.ok) throw new Error(next.failure.message);
  expect([desk.admits(old.secret), desk.admits(next.value.secret)]).toEqual([
    { tenant: 'red', keyId: old.key.id },
    { tenant: 'red', keyId: old.key.id },
  ]);
  expect(await desk.book.rotate(old.key.id, { overlapMs: 1 })).toMatchObject({ ok: false, failure: { kind: 'rotation-runs' } });
  desk.wallMs += 7 * dayMs;
  expect(desk.admits(old.secret)).toBe('The key was replaced by a newer one.');
  const third = await desk.book.rotate(old.key.id, { overlapMs: dayMs });
  await desk.book.revoke(old.key.id);
  if (!third.ok) throw new Error(third.failure.message);
  expect([next.value.secret, third.value.secret].map((secret) => desk.admits(secret))).toEqual(['The key was revoked.', 'The key was revoked.']);
  expect(await desk.book.rotate(old.key.id, { overlapMs: 0 })).toMatchObject({ ok: false, failure: { kind: 'not-valid' } });
});

test('S6: a key made under the pepper before is valid as long as that is named, and then the store is to blame, not the client', async () => {
  const desk = new Desk();
  const { secret } = await desk.made({});
  desk.peppers = ['second', 'first'];
  expect(desk.admits(secret)).toMatchObject({ tenant: 'red' });
  const young = await desk.made({});
  desk.peppers = ['second'];
  expect(desk.admits(young.secret)).toMatchObject({ tenant: 'red' });
  expect(desk.admits(secret)).toBe('keys_unavailable');
});

test('S3: a store that cannot be read is a 503 for every key, and nothing remembered from before stays', async () => {
  const desk = new Desk();
  const { secret } = await desk.made({});
  const before = desk.book.generation;
  desk.book.adopt('unreadable');
  expect(desk.book.generation).toBeGreaterThan(before);
  expect([desk.admits(secret), desk.admits('anything'), desk.book.isRequired]).toEqual(['keys_unavailable', 'keys_unavailable', true]);
  desk.book.adopt(desk.store.content);
  expect(desk.admits(secret)).toMatchObject({ tenant: 'red' });
});

test('keys are asked for as soon as there is one or a team, and for ever after', async () => {
  const desk = new Desk({ teams: [] });
  expect(desk.book.isRequired).toBe(false);
  const { key } = await desk.made({ team: 'local' });
  await desk.book.revoke(key.id);
  expect(desk.book.isRequired).toBe(true);
  expect(new Desk().book.isRequired).toBe(true);
});

test('a key of a team that is gone is let in no more, and a key is made for no such team', async () => {
  const desk = new Desk();
  const { secret } = await desk.made({});
  desk.teams.use([]);
  expect(desk.admits(secret)).toBe('The team of this key does not exist any more.');
  expect(await desk.book.create({ team: 'red', name: '', scopes: {}, expiresAtWallMs: null })).toMatchObject({
    failure: { kind: 'unknown-team' },
  });
});

const acts = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('create' as const),
      team: fc.constantFrom('red', 'blue'),
      forMs: fc.option(fc.integer({ min: 1, max: 20 * dayMs })),
    }),
    fc.record({ kind: fc.constant('rotate' as const), which: fc.nat(), overlapMs: fc.integer({ min: 0, max: 8 * dayMs }) }),
    fc.record({ kind: fc.constant('revoke' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 5 * dayMs }) }),
    fc.record({ kind: fc.constant('reopen' as const) }),
  ),
  { maxLength: 40 },
);

test('whatever is done, exactly those secrets are let in that a list of them says', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (done) => {
      let desk = new Desk();
      /** Every secret ever made: whose it is, and until when it is valid as far as a person would reckon. */
      const model: { readonly id: string; readonly team: string; readonly secret: string; endsAt: number; isNewest: boolean }[] = [];
      for (const act of done) {
        const ids = [...new Set(model.map(({ id }) => id))];
        if (act.kind === 'wait') desk.wallMs += act.ms;
        if (act.kind === 'reopen') desk = desk.reopened();
        if (act.kind === 'create') {
          const expiresAtWallMs = act.forMs === null ? null : desk.wallMs + act.forMs;
          const { key, secret } = await desk.made({ team: act.team, expiresAtWallMs });
          model.push({ id: key.id, team: act.team, secret, endsAt: expiresAtWallMs ?? Infinity, isNewest: true });
        }
        if (act.kind !== 'rotate' && act.kind !== 'revoke') continue;
        const id = ids[act.which % ids.length];
        const own = model.filter((one) => one.id === id);
        const newest = own.find(({ isNewest }) => isNewest);
        if (id === undefined || newest === undefined) continue;
        if (act.kind === 'revoke') {
          await desk.book.revoke(id);
          for (const one of own) one.endsAt = 0;
          continue;
        }
        const others = own.filter((one) => one !== newest && one.endsAt > desk.wallMs);
        const mayRotate = newest.endsAt > desk.wallMs && act.overlapMs <= 7 * dayMs && (act.overlapMs === 0 || others.length === 0);
        const rotated = await desk.book.rotate(id, { overlapMs: act.overlapMs });
        expect(rotated.ok).toBe(mayRotate);
        if (!rotated.ok) continue;
        const { endsAt } = newest;
        for (const one of own) one.endsAt = Math.min(one.endsAt, one === newest ? desk.wallMs + act.overlapMs : act.overlapMs === 0 ? 0 : one.endsAt);
        newest.isNewest = false;
        model.push({ id, team: newest.team, secret: rotated.value.secret, endsAt, isNewest: true });
      }
      for (const { id, team, secret, endsAt } of model) {
        const admitted = desk.admits(secret);
        if (endsAt > desk.wallMs) expect(admitted).toEqual({ tenant: team, keyId: id });
        else expect(admitted).toBeTypeOf('string');
      }
      expect(keyFileSchema.safeParse(desk.store.content).success).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('S2: a key that nobody has, and one whose secret is wrong, cost as many digests and comparisons as a right one', async () => {
  const desk = new Desk();
  const { key, secret } = await desk.made({});
  const rest = { environment: 'test', secret: 'x'.repeat(43) };
  const work = [secret, writeKey({ ...rest, id: key.id }), writeKey({ ...rest, id: 'nobody00' })].map((text) => {
    const before = { ...desk.work };
    desk.admits(text);
    return [desk.work.digests - before.digests, desk.work.comparisons - before.comparisons];
  });
  expect(work).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
});
