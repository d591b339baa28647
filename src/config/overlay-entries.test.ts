import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryName, entryParts, overlaid, valueAtName, whyFixed, type OverlayEntry } from './overlay-entries.ts';

const file = {
  endpoints: [
    { id: 'a', url: 'https://a.example', models: [{ name: 'm/1' }, { name: 'm2' }] },
    { id: 'b', url: 'https://b.example' },
  ],
  limits: { ttftTimeoutMs: 5 },
};

function laid(...entries: OverlayEntry[]): unknown {
  const done = overlaid(file, entries);
  return done.ok ? done.value.value : `${done.failure.entry.name} ${done.failure.what}`;
}

test('an item of a list is found by its id, whatever stands before it, and keeps it', () => {
  expect(laid({ name: 'endpoints/b/region', value: 'eu' })).toMatchObject({ endpoints: [{ id: 'a' }, { id: 'b', region: 'eu' }] });
  expect(laid({ name: 'endpoints/b', value: { url: 'https://c.example', id: 'other' } })).toMatchObject({
    endpoints: [{}, { id: 'b', url: 'https://c.example' }],
  });
  expect(laid({ name: 'endpoints/c', value: { url: 'https://c.example' } })).toMatchObject({ endpoints: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
  expect(laid({ name: 'endpoints/a' })).toEqual({ ...file, endpoints: [file.endpoints[1]] });
  expect(laid({ name: 'endpoints/a' }, { name: 'endpoints/b/region', value: 'eu' })).toMatchObject({ endpoints: [{ id: 'b', region: 'eu' }] });
});

test('a name with a slash is one part, and lists within items are found by name too', () => {
  const name = entryName(['endpoints', 'a', 'models', 'm/1', 'upstream']);
  expect(name).toBe('endpoints/a/models/m%2F1/upstream');
  expect(laid({ name, value: 'x' })).toMatchObject({ endpoints: [{ models: [{ name: 'm/1', upstream: 'x' }, { name: 'm2' }] }, {}] });
});

test('sections that the file does not have are made', () => {
  expect(laid({ name: 'budgets/whole/usdPerDay', value: 5 })).toMatchObject({ budgets: { whole: { usdPerDay: 5 } } });
  expect(laid({ name: 'budgets/teams/red', value: { usdPerDay: 5 } })).toMatchObject({ budgets: { teams: [{ team: 'red', usdPerDay: 5 }] } });
});

test('what does not fit is said of the entry that does not', () => {
  expect(laid({ name: 'endpoints/z' })).toBe('endpoints/z takes out what the file does not have (any more)');
  expect(laid({ name: 'endpoints/z/region', value: 'eu' })).toBe(
    'endpoints/z/region belongs to `endpoints.z`, which the file does not have (any more)',
  );
  expect(laid({ name: 'limits/ttftTimeoutMs/x', value: 1 })).toBe('limits/ttftTimeoutMs/x `limits.ttftTimeoutMs` holds something else in the file');
  expect(laid({ name: 'limits//x', value: 1 })).toContain('is no name');
  expect(entryParts('a/%E0%A4%A')).toBeUndefined();
  expect(entryParts('__proto__/x')).toBeUndefined();
});

test('what only a new start can change is fixed', () => {
  for (const name of ['listen/port', 'control', 'processes', 'engines/e', 'ledger/fsync']) expect(whyFixed(name)).toContain('in the file');
  for (const name of ['endpoints/a', 'limits/ttftTimeoutMs', 'budgets/whole']) expect(whyFixed(name)).toBeUndefined();
  expect(whyFixed('')).toContain('no name');
});

const part = fc.constantFrom('endpoints', 'a', 'b', 'c', 'limits', 'models', 'm2', 'm/1', 'region', 'x');
const entry = fc.record(
  { name: fc.array(part, { minLength: 1, maxLength: 4 }).map(entryName), value: fc.jsonValue({ maxDepth: 2 }) },
  { requiredKeys: ['name'] },
);

test('whatever is laid over a file, the file itself stays, and what was laid last is found under its name', () => {
  const before = JSON.stringify(file);
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
      const done = overlaid(file, entries);
      expect(JSON.stringify(file)).toBe(before);
      const last = entries.at(-1);
      if (!done.ok || last === undefined) return;
      const found = valueAtName(done.value.value, last.name);
      // An item of a list has its own id added; everything else is as it was given.
      if (last.value === undefined || typeof last.value !== 'object' || last.value === null) {
        if (!Array.isArray(found)) expect(found ?? undefined).toEqual(last.value ?? undefined);
      } else expect(found).toMatchObject(last.value);
    }),
    { numRuns: 500 },
  );
});
