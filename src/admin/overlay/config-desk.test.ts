import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigDesk } from './config-desk.ts';
import { loadConfig } from '../../config/load-config.ts';
import { memorySource } from '../../../test/support/test-control.ts';
import { readOverlay } from './overlay-file.ts';
import { StateFile } from '../state/state-file.ts';
import { systemClock } from '../../std/clock.ts';
import type { Actor } from '../actor.ts';
import type { AuditNote } from '../audit/audit-log.ts';
import type { Config } from '../../config/config-schema.ts';

const actor: Actor = { kind: 'user', name: 'ann', role: 'admin', address: 'here' };
const yaml = `# What we pay for.
endpoints:
  - id: a # the old one
    url: https://a.example
    models: [{ name: m }]
  - id: b
    url: https://b.example
    models: [{ name: m }]
limits:
  ttftTimeoutMs: 5000
`;

interface Desk {
  readonly desk: ConfigDesk;
  readonly source: ReturnType<typeof memorySource>;
  readonly notes: AuditNote[];
  readonly applied: Config[];
  readonly directory: string;
}

type OverlayFile = Pick<StateFile, 'read' | 'write'>;

/** Keeps a text as a disk would. */
function memoryFile(): OverlayFile {
  let kept: string | undefined;
  return {
    read: () => kept,
    write: async (text) => {
      kept = text;
    },
  };
}

function open(
  source = memorySource(yaml),
  directory = mkdtempSync(join(tmpdir(), 'second-source-overlay-')),
  file: OverlayFile = new StateFile(join(directory, 'overlay.json')),
): Desk {
  const [notes, applied]: [AuditNote[], Config[]] = [[], []];
  const overlay = readOverlay(file);
  const loaded = source.load(overlay.entries);
  if (!loaded.ok) throw new Error(loaded.failure.map(({ source: where, what }) => `${where}: ${what}`).join('\n'));
  const audit = { append: (note: AuditNote) => noted(notes, note) };
  const apply = async (config: Config): Promise<{ needsRestart: [] }> => {
    applied.push(config);
    return { needsRestart: [] };
  };
  const desk = new ConfigDesk({ source, file, overlay, loaded: loaded.value, audit, events: { emit: () => {} }, clock: systemClock, apply });
  return { desk, source, notes, applied, directory };
}

function fresh(source = memorySource(yaml)): Desk {
  const made = open(source);
  onTestFinished(() => rmSync(made.directory, { recursive: true, force: true }));
  return made;
}

test('S33: a change is checked, noted before it is kept, kept across a restart, and taken into use', async () => {
  const { desk, source, notes, applied, directory } = fresh();
  expect(await desk.change(actor, [{ name: 'endpoints/b/region', value: 'eu-west' }], 0)).toEqual({
    ok: true,
    value: { version: 1, needsRestart: [] },
  });
  expect(applied.at(-1)?.endpoints.map(({ id, region }) => [id, region])).toEqual([
    ['a', undefined],
    ['b', 'eu-west'],
  ]);
  expect(notes).toMatchObject([
    {
      action: 'config.change',
      target: 'endpoints/b/region',
      before: { endpoints: [{}, { id: 'b' }] },
      after: { endpoints: [{}, { region: 'eu-west' }] },
    },
  ]);
  const again = open(source, directory).desk;
  expect([again.version, again.at('endpoints/b/region')]).toEqual([1, 'eu-west']);
});

test('a change that would make the configuration wrong changes nothing, and the place is named', async () => {
  const { desk, notes, applied, directory } = fresh();
  const wrong = await desk.change(actor, [{ name: 'endpoints/b/url', value: 'ftp://b' }], undefined);
  expect(wrong).toMatchObject({ ok: false, failure: { code: 'config_refused', detail: expect.stringContaining('overlay entry endpoints/b/url') } });
  const unknown = await desk.change(actor, [{ name: 'endpoints/b/regoin', value: 'eu' }], undefined);
  expect(unknown).toMatchObject({ failure: { detail: expect.stringContaining('Did you mean `region`?') } });
  expect(await desk.change(actor, [{ name: 'listen/port', value: 1 }], undefined)).toMatchObject({ failure: { code: 'config_refused' } });
  expect(await desk.change(actor, [{ name: 'endpoints/nobody' }], undefined)).toMatchObject({ failure: { code: 'config_refused' } });
  expect([desk.version, applied.length]).toEqual([0, 0]);
  expect(notes.map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
  expect(() => readFileSync(join(directory, 'overlay.json'))).toThrow();
});

test('of two who read the same version, the second is told that it changed', async () => {
  const { desk } = fresh();
  const both = await Promise.all([
    desk.change(actor, [{ name: 'limits/ttftTimeoutMs', value: 6000 }], 0),
    desk.change(actor, [{ name: 'limits/ttftTimeoutMs', value: 7000 }], 0),
  ]);
  expect(both.map(({ ok }) => ok)).toEqual([true, false]);
  expect(both[1]).toMatchObject({ failure: { code: 'version_changed' } });
  expect(desk.at('limits/ttftTimeoutMs')).toBe(6000);
});

test('the overlay stays small: what a change covers goes, and what the file says anyway needs no entry', async () => {
  const { desk } = fresh();
  const change = (name: string, value?: string | number | object): Promise<unknown> =>
    desk.change(actor, [{ name, ...(value === undefined ? {} : { value: JSON.parse(JSON.stringify(value)) }) }], undefined);
  await change('endpoints/c', { url: 'https://c.example', models: [{ name: 'm' }] });
  await change('endpoints/c/region', 'eu');
  expect(desk.entries().map(({ name }) => name)).toEqual(['endpoints/c', 'endpoints/c/region']);
  await change('endpoints/c', { url: 'https://d.example', models: [{ name: 'm' }] });
  expect(desk.entries().map(({ name }) => name)).toEqual(['endpoints/c']);
  await change('endpoints/c');
  expect(desk.entries()).toEqual([]);
  await change('limits/ttftTimeoutMs', 6000);
  await change('limits/ttftTimeoutMs', 5000);
  expect(desk.entries()).toEqual([]);
});

test('an overlay is shown beside the file, exported into it with its comments, and reset one by one or as a whole', async () => {
  const { desk } = fresh();
  await desk.change(
    actor,
    [{ name: 'endpoints/b' }, { name: 'endpoints/a/region', value: 'eu' }, { name: 'limits/stallTimeoutMs', value: 900 }],
    undefined,
  );
  expect(desk.entries()).toMatchObject([
    { name: 'endpoints/b', given: { id: 'b' }, fileChanged: false },
    { name: 'endpoints/a/region', given: null, value: 'eu' },
    { name: 'limits/stallTimeoutMs', value: 900, by: 'ann' },
  ]);
  const text = desk.exported();
  expect(text).toEqual({
    ok: true,
    value:
      '# What we pay for.\nendpoints:\n  - id: a # the old one\n    url: https://a.example\n    models: [ { name: m } ]\n    region: eu\nlimits:\n  ttftTimeoutMs: 5000\n  stallTimeoutMs: 900\n',
  });
  expect(await desk.reset(actor, 'endpoints/z', undefined)).toMatchObject({ ok: false, failure: { code: 'no_such_entry' } });
  await desk.reset(actor, 'endpoints', undefined);
  expect(desk.entries().map(({ name }) => name)).toEqual(['limits/stallTimeoutMs']);
  await desk.reset(actor, undefined, undefined);
  expect(desk.entries()).toEqual([]);
});

test('a file that was changed is read again with the overlay over it; what both changed is shown', async () => {
  const { desk, source, applied } = fresh();
  await desk.change(actor, [{ name: 'limits/ttftTimeoutMs', value: 6000 }], undefined);
  source.set(yaml.replace('5000', '4000').replace('https://b.example', 'https://new.example'));
  expect(await desk.reload(actor)).toMatchObject({ ok: true, value: { version: 2 } });
  expect(applied.at(-1)?.endpoints[1]?.address.origin).toBe('https://new.example');
  expect(desk.at('limits/ttftTimeoutMs')).toBe(6000);
  expect(desk.entries()).toMatchObject([{ given: 4000, fileChanged: true }]);
});

test('a bad file is refused and the one before stays; one that an entry no longer fits names the entry and how to drop it', async () => {
  const { desk, source, applied, notes } = fresh();
  await desk.change(actor, [{ name: 'endpoints/b/region', value: 'eu' }], undefined);
  source.set('endpoints: nonsense\n');
  expect(await desk.reload(actor)).toMatchObject({ ok: false, failure: { code: 'config_refused' } });
  source.set(yaml.replace('id: b', 'id: c'));
  const refused = await desk.reload(actor);
  expect(refused).toMatchObject({
    failure: {
      detail:
        'overlay entry endpoints/b/region: belongs to `endpoints.b`, which the file does not have (any more). Put it back into the file, or drop the entry with `second-source config reset endpoints/b/region` (with `--offline` while no gateway runs).',
    },
  });
  expect(applied).toHaveLength(1);
  expect([desk.version, desk.entries().length]).toEqual([1, 1]);
  expect(notes.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['config.change', undefined],
    ['config.reload', 'refused'],
    ['config.reload', 'refused'],
  ]);
  expect(await desk.reset(actor, 'endpoints/b/region', undefined)).toMatchObject({ ok: true });
  expect(applied.at(-1)?.endpoints.map(({ id }) => id)).toEqual(['a', 'c']);
});

test('what cannot be taken into use is taken back', async () => {
  const source = memorySource(yaml);
  const { desk, notes } = fresh(source);
  const failing = new ConfigDesk({
    source,
    file: new StateFile(join(mkdtempSync(join(tmpdir(), 'second-source-overlay-')), 'overlay.json')),
    overlay: { format: 1, version: 0, entries: [] },
    loaded: expectLoaded(source),
    audit: { append: async (note) => ({ ...(await noted(notes, note)) }) },
    events: { emit: () => {} },
    clock: systemClock,
    apply: (config) =>
      config.endpoints.some(({ id }) => id === 'c') ? Promise.reject(new Error('no such cluster')) : Promise.resolve({ needsRestart: [] }),
  });
  const done = await failing.change(actor, [{ name: 'endpoints/c', value: { url: 'https://c.example' } }], undefined);
  expect(done).toMatchObject({ ok: false, failure: { detail: expect.stringContaining('no such cluster') } });
  expect([failing.version, failing.entries(), failing.at('endpoints/c')]).toEqual([0, [], undefined]);
  expect(desk.version).toBe(0);
});

const names = fc.constantFrom(
  'endpoints/a',
  'endpoints/b',
  'endpoints/c',
  'endpoints/a/region',
  'endpoints/c/region',
  'limits/ttftTimeoutMs',
  'limits',
);
const values = fc.constantFrom<undefined | string | number | { url: string } | { ttftTimeoutMs: number }>(
  undefined,
  'eu',
  700,
  { url: 'https://x.example' },
  { ttftTimeoutMs: 800 },
);

test('after any series of changes, what is exported is what is in use, and a restart finds the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(names, values), { maxLength: 12 }), async (changes) => {
      const file = memoryFile();
      const { desk, source } = open(undefined, '', file);
      for (const [name, value] of changes) await desk.change(actor, [{ name, ...(value === undefined ? {} : { value }) }], undefined);
      const text = desk.exported();
      if (!text.ok) throw new Error(text.failure.detail);
      const fromExport = loadConfig('c.yaml', {}, () => text.value);
      const inUse = source.load(desk.entries());
      expect(fromExport.ok && inUse.ok && fromExport.value).toEqual(inUse.ok && inUse.value.config);
      expect(open(source, '', file).desk.whole).toEqual(desk.whole);
    }),
    { numRuns: 60 },
  );
});

async function noted(notes: AuditNote[], note: AuditNote): ReturnType<ConstructorParameters<typeof ConfigDesk>[0]['audit']['append']> {
  notes.push(note);
  return {
    seq: 1,
    at: '',
    actor: { ...actor },
    action: '',
    target: '',
    outcome: 'done',
    before: null,
    after: null,
    note: null,
    previous: '',
    hash: '',
  };
}

function expectLoaded(source: ReturnType<typeof memorySource>): ConstructorParameters<typeof ConfigDesk>[0]['loaded'] {
  const loaded = source.load([]);
  if (!loaded.ok) throw new Error('the sample is wrong');
  return loaded.value;
}
