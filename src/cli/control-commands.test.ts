import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Desk } from '../access/testing/desk.ts';
import { memorySource, startTestControl, type TestControl, type TestControlOptions } from '../../test/support/test-control.ts';
import { runCaptured, type Captured } from './testing/run-captured.ts';
import { silentGateway } from '../../test/support/silent-gateway.ts';
import { StateFile } from '../admin/state/state-file.ts';
import { writeOverlay } from '../admin/overlay/overlay-file.ts';

const password = 'correct horse battery';

interface Started {
  readonly control: TestControl;
  readonly run: (argv: readonly string[], more?: { readonly token?: string; readonly secret?: string }) => Promise<Captured>;
}

async function started(options: TestControlOptions = {}): Promise<Started> {
  const control = await startTestControl(silentGateway(), options);
  onTestFinished(control.stop);
  return {
    control,
    run: (argv, { token = '', secret = '' } = {}) =>
      runCaptured(argv, { env: { SECOND_SOURCE_CONTROL: control.url, SECOND_SOURCE_CONTROL_TOKEN: token }, secret }),
  };
}

test('users and tokens: the first admin closes the door, and a token made before opens it', async () => {
  const { run } = await started();
  const made = await run(['tokens', 'create', 'ci', '--role', 'admin']);
  const token = made.stdout.trim();
  expect([made.code, token]).toEqual([0, expect.stringMatching(/^sst_/)]);
  expect(await run(['users', 'add', 'ann', '--role', 'admin'], { secret: 'short' })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('password'),
  });
  expect(await run(['users', 'add', 'ann', '--role', 'admin'], { secret: password })).toMatchObject({ code: 0 });
  expect(await run(['users'])).toMatchObject({ code: 4, stderr: expect.stringContaining('SECOND_SOURCE_CONTROL_TOKEN') });
  expect((await run(['users'], { token })).stdout).toMatch(/^ann +admin +no /m);
  expect((await run(['users', 'set-role', 'ann', '--role', 'viewer'], { token })).code).toBe(1);
  expect((await run(['users', 'set-password', 'ann'], { token, secret: 'another long password' })).code).toBe(0);
  const id = /^(\S{12}) +ci/m.exec((await run(['tokens'], { token })).stdout)?.[1] ?? '';
  expect((await run(['tokens', 'revoke', id], { token })).code).toBe(0);
  expect((await run(['users'], { token })).code).toBe(4);
});

test('keys: what is printed on standard output is the key alone', async () => {
  const desk = new Desk();
  const { run } = await started({ keys: desk.book });
  const made = await run(['keys', 'create', 'red', '--name', 'shop', '--model', 'm*', '--days', '365']);
  expect(desk.admits(made.stdout.trim())).toMatchObject({ tenant: 'red' });
  const id = desk.book.list()[0]?.id ?? '';
  const rotated = await run(['keys', 'rotate', id, '--overlap-hours', '1']);
  expect([desk.admits(made.stdout.trim()), desk.admits(rotated.stdout.trim())]).toMatchObject([{ keyId: id }, { keyId: id }]);
  expect((await run(['keys'])).stdout).toMatch(new RegExp(`^${id} +red +shop +\\S+ +valid`, 'm'));
  expect((await run(['keys', 'revoke', id])).code).toBe(0);
  expect(desk.admits(rotated.stdout.trim())).toBe('The key was revoked.');
});

test('config: changes are shown beside the file, exported into it and dropped again', async () => {
  const { run } = await started({ source: memorySource('# ours\nendpoints:\n  - id: a\n    url: https://a.example\n') });
  expect(await run(['config', 'set', 'endpoints/a/region', 'eu-west'])).toMatchObject({ code: 0, stderr: 'The configuration is now version 1.\n' });
  expect(await run(['config', 'set', 'limits/ttftTimeoutMs', '0'])).toMatchObject({ code: 1, stderr: expect.stringContaining('is less than 1') });
  expect((await run(['config', 'diff'])).stdout).toBe('endpoints/a/region (by local)\n+ "eu-west"\n');
  expect((await run(['config', 'export'])).stdout).toBe('# ours\nendpoints:\n  - id: a\n    url: https://a.example\n    region: eu-west\n');
  expect(JSON.parse((await run(['config', 'show'])).stdout)).toEqual({ endpoints: [{ id: 'a', url: 'https://a.example', region: 'eu-west' }] });
  expect((await run(['endpoints', 'add', 'b', '--endpoint', 'https://b.example', '--key-env', 'NOT_SET'])).stderr).toContain('NOT_SET is not set');
  expect((await run(['endpoints', 'add', 'b', '--endpoint', 'https://b.example', '--model', 'm'])).code).toBe(0);
  expect((await run(['endpoints', 'remove', 'a'])).code).toBe(0);
  expect((await run(['config', 'export'])).stdout).toContain('id: b');
  expect((await run(['config', 'reset', '--all'])).code).toBe(0);
  expect((await run(['config', 'diff'])).stderr).toBe('Nothing was changed beside the file.\n');
  expect((await run(['config', 'reload'])).code).toBe(0);
});

test('S33: audit: listed, verified, exported; after tampering, verify fails and says where', async () => {
  const { run, control } = await started();
  for (const change of ['unplug', 'plug', 'drain']) await run(['endpoints', change, 'a']);
  expect((await run(['audit'])).stdout).toMatch(/^ *3 +\S+ +local \(admin\) +127\.0\.0\.1 +endpoint\.drain +a +done/m);
  expect((await run(['audit', 'verify'])).stdout).toMatch(/^intact: 3 entries, head [0-9a-f]{64}\n$/);
  const exported = (await run(['audit', 'export'])).stdout;
  expect(exported.trimEnd().split('\n')).toHaveLength(4);
  writeFileSync(join(control.directory, 'audit.jsonl'), exported.replace('endpoint.plug', 'endpoint.halt'));
  expect(await run(['audit', 'verify'])).toMatchObject({ code: 3, stderr: expect.stringContaining('line 2 was edited') });
});

test('events are printed as they come', async () => {
  const control = await startTestControl(silentGateway());
  const running = runCaptured(['events'], { env: { SECOND_SOURCE_CONTROL: control.url } });
  await expect.poll(() => control.context.events.followers).toBe(1);
  await control.ask('POST', '/control/v1/endpoints/a/unplug', {});
  await control.stop();
  expect((await running).stdout).toMatch(/^\d{4}-\S+Z audit seq=1 action=endpoint\.unplug$/m);
});

test('an entry that keeps a gateway from starting can be dropped without it, by name, and that is audited', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-offline-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'second-source.yaml'), 'endpoints: [{ id: a, url: "https://a.example", models: [{ name: m }] }]\nlisten: { port: 0 }\n');
  const entry = { name: 'endpoints/gone/region', value: 'eu', base: null, atWallMs: 0, by: 'ann' };
  const directory = join(folder, '.second-source/ledger/control');
  const file = new StateFile(join(directory, 'overlay.json'));
  file.read();
  await writeOverlay(file, { format: 1, version: 3, entries: [entry] });
  const up = await runCaptured(['up'], { workingDirectory: folder });
  expect(up).toMatchObject({ code: 1, stderr: expect.stringContaining('overlay entry endpoints/gone/region') });
  expect(up.stderr).toContain('second-source config reset endpoints/gone/region');
  const reset = await runCaptured(['config', 'reset', 'endpoints/gone/region', '--offline'], { workingDirectory: folder });
  expect(reset).toMatchObject({ code: 0, stderr: '1 entry is dropped.\n' });
  expect(file.read()).toContain('"entries": []');
});
