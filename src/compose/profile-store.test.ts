import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ProfileStore } from './profile-store.ts';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import type { StoredProfile } from '../policy/predict/stored-profile.ts';

const profile: StoredProfile = {
  version: 1,
  deploymentId: 'm@a',
  answers: 3,
  firstTokenMs: 20,
  perPromptTokenMs: 0.1,
  stepMs: 5,
  perSequenceMs: 0.1,
  perKvTokenMs: 0.0001,
  besideMs: 0.1,
  kvTokens: undefined,
};

function opened(profiles: readonly StoredProfile[] = []): {
  readonly store: ProfileStore;
  readonly folder: string;
  readonly file: string;
  readonly said: string[];
} {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'kept', 'profiles.json');
  const said: string[] = [];
  const store = new ProfileStore({ clock: virtualClock(), say: (line) => said.push(line), profiles: () => profiles }, { file, everyMs: 1000 });
  return { store, folder, file, said };
}

test('what one run learned the next one finds, in a file that was replaced as a whole', async () => {
  const { store, file, said } = opened([profile, { ...profile, deploymentId: 'm@b', kvTokens: 1000 }]);
  await store.stop();
  expect(readdirSync(join(file, '..'))).toEqual(['profiles.json']);
  expect(await store.read()).toEqual([profile, { ...profile, deploymentId: 'm@b', kvTokens: 1000 }]);
  expect(said).toEqual([]);
});

test('a run that learned nothing leaves the file as it is', async () => {
  const { store, file } = opened([profile]);
  await store.stop();
  const before = readFileSync(file, 'utf8');
  await new ProfileStore({ clock: virtualClock(), say: () => {}, profiles: () => [] }, { file, everyMs: 1000 }).stop();
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('without a file every endpoint begins from its prior, and that is no news', async () => {
  const { store, said } = opened();
  expect(await store.read()).toEqual([]);
  expect(said).toEqual([]);
});

test.each([
  ['damaged', '{"profiles":[{"version":1,"depl', 'it is damaged'],
  ['of another form', '{"profiles":"none"}', 'it is none that a gateway wrote'],
  ['negative', JSON.stringify({ profiles: [{ ...profile, stepMs: -1, version: '1' }] }), 'it is none that a gateway wrote'],
  ['too large', ' '.repeat(5 * 1024 * 1024), 'it is too large to be one'],
])('a file that is %s is said, and nothing of it is used', async (_how, text, why) => {
  const { store, file, said } = opened([profile]);
  await store.stop();
  writeFileSync(file, text);
  expect(await store.read()).toEqual([]);
  expect(said).toEqual([`the profiles in ${file} cannot be used (${why}); every endpoint begins from its prior.`]);
});

test('profiles of another version are left out, and the rest is used', async () => {
  const { store, file, said } = opened([profile]);
  await store.stop();
  writeFileSync(file, JSON.stringify({ profiles: [{ version: 2, secret: true }, profile] }));
  expect(await store.read()).toEqual([profile]);
  expect(said).toEqual([]);
});

test('a place that cannot be written is told once', async () => {
  const { store, folder, said } = opened([profile]);
  writeFileSync(join(folder, 'kept'), 'a file where a folder should be');
  await store.stop();
  await store.stop();
  expect(said.length).toBe(1);
  expect(said[0]).toContain('cannot be kept');
});
