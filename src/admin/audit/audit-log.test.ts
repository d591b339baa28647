import { appendFileSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import fc from 'fast-check';
import { AuditLog, verifyAuditIn } from './audit-log.ts';
import { formatAuditProblem } from './verify-audit.ts';
import { hashOf, lineOf, readLine } from './audit-entry.ts';
import { systemClock } from '../../std/clock.ts';
import type { Actor } from '../actor.ts';

const actor: Actor = { kind: 'user', name: 'ann', role: 'admin', address: '127.0.0.1' };

interface Opened {
  readonly log: AuditLog;
  readonly directory: string;
  readonly path: string;
  readonly said: string[];
}

async function opened(directory = mkdtempSync(join(tmpdir(), 'second-source-audit-'))): Promise<Opened> {
  const said: string[] = [];
  const log = await AuditLog.open({ directory, clock: systemClock, say: (message) => void said.push(message), onEntry: () => {} });
  return { log, directory, path: join(directory, 'audit.jsonl'), said };
}

/** A closed log with so many entries. */
async function written(count: number): Promise<Opened> {
  const made = await opened();
  onTestFinished(() => rmSync(made.directory, { recursive: true, force: true }));
  for (let index = 1; index <= count; index += 1)
    await made.log.append({ actor, action: 'user.add', target: `user-${index}`, before: null, after: { role: 'viewer', index } });
  await made.log.close();
  return made;
}

async function problemsIn(directory: string): Promise<readonly string[]> {
  return (await verifyAuditIn(directory)).problems.map(formatAuditProblem);
}

function tamper({ path }: Opened, change: (lines: string[]) => string[]): void {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  writeFileSync(
    path,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

test('S33: a log that nobody touched verifies, also after it was opened again', async () => {
  const made = await written(5);
  expect(await verifyAuditIn(made.directory)).toMatchObject({ entries: 5, head: { seq: 5 }, problems: [] });
  const again = await opened(made.directory);
  await again.log.append({ actor, action: 'user.remove', target: 'user-1' });
  await again.log.close();
  expect(again.said).toEqual([]);
  expect(await verifyAuditIn(made.directory)).toMatchObject({ entries: 6, problems: [] });
});

test.each([
  [
    'an entry that was edited',
    (lines: string[]) => lines.map((line, index) => (index === 2 ? line.replace('user-3', 'user-9') : line)),
    'line 3 was edited: the hash of entry 3 does not fit what it says.',
  ],
  ['an entry that was taken out', (lines: string[]) => lines.toSpliced(2, 1), 'line 3 holds entry 4: entry 3 is missing before it.'],
  ['several that were taken out', (lines: string[]) => lines.toSpliced(1, 2), 'line 2 holds entry 4: entries 2 to 3 are missing before it.'],
  [
    'two in another order',
    ([a = '', b = '', c = '', d = '', e = '']: string[]) => [a, c, b, d, e],
    'line 2 holds entry 3: entry 2 is missing before it.',
  ],
  [
    'an entry that stands twice',
    (lines: string[]) => lines.flatMap((line, index) => (index === 1 ? [line, line] : [line])),
    'line 3 holds entry 2 again or out of its order, where entry 3 belongs.',
  ],
  [
    'an end that was cut off',
    (lines: string[]) => lines.slice(0, 3),
    'line 3 is the last, with entry 3, and the head tells of entry 5: entries 4 to 5 are missing.',
  ],
  ['a log that was emptied', () => [], 'the head tells of entry 5: entries 1 to 5 are missing.'],
  ['a line that is no entry', (lines: string[]) => lines.toSpliced(1, 0, '{}'), 'line 2 is no entry of the audit log, or was edited.'],
  [
    'a space that was put in',
    (lines: string[]) => lines.map((line, index) => (index === 3 ? line.replace(',', ', ') : line)),
    'line 4 is no entry of the audit log, or was edited.',
  ],
])('%s is found, and where', async (_name, change, message) => {
  const made = await written(5);
  tamper(made, change);
  const [first] = await problemsIn(made.directory);
  expect(first).toContain(message);
});

test('S33: an entry edited with a hash to match breaks the chain at the next, and the last one is missed by the head', async () => {
  const made = await written(5);
  const forge = (at: number) => (lines: string[]) =>
    lines.map((line, index) => {
      const entry = readLine(line);
      if (index !== at || entry === undefined) return line;
      const forged = { ...entry, target: 'user-9' };
      return lineOf({ ...forged, hash: hashOf(forged) });
    });
  tamper(made, forge(4));
  expect(await problemsIn(made.directory)).toEqual(['entry 5 is not the one that the head tells of: the log was written anew.']);
  tamper(made, forge(1));
  expect((await problemsIn(made.directory))[0]).toBe('line 3 does not go on from the line before: entry 2 was replaced, or entry 3 was put in.');
});

test('a head that is missing is said', async () => {
  const made = await written(2);
  unlinkSync(join(made.directory, 'audit-head.json'));
  expect((await problemsIn(made.directory))[0]).toContain('the head of the log is missing');
});

test('damage is said at the next start, goes into the log once, and stays visible for ever', async () => {
  const made = await written(5);
  tamper(made, (lines) => lines.slice(0, 3));
  for (const said of [1, 0]) {
    const again = await opened(made.directory);
    expect(again.said).toHaveLength(said);
    await again.log.append({ actor, action: 'user.add', target: 'later' });
    await again.log.close();
  }
  const problems = await problemsIn(made.directory);
  expect(problems).toContainEqual(expect.stringContaining('line 4 holds entry 6: entries 4 to 5 are missing before it.'));
  expect(problems).toContainEqual(expect.stringContaining('tells of damage that was found before it'));
});

test('a line that a crash cut off is dropped, and the log goes on', async () => {
  const made = await written(3);
  appendFileSync(made.path, '{"seq":4,"at":"20');
  const again = await opened(made.directory);
  expect(again.said).toEqual([expect.stringContaining('cut off while it was written')]);
  await again.log.append({ actor, action: 'user.add', target: 'fourth' });
  await again.log.close();
  expect(await verifyAuditIn(made.directory)).toMatchObject({ entries: 4, problems: [] });
});

test('S32, S33: entries made side by side keep one order; text of any kind stays on its line', async () => {
  const made = await opened();
  onTestFinished(() => rmSync(made.directory, { recursive: true, force: true }));
  await Promise.all(Array.from({ length: 20 }, (_, index) => made.log.append({ actor, action: 'x', target: `a\u2028b\r\n${index}` })));
  expect((await made.log.list(3)).map(({ seq }) => seq)).toEqual([20, 19, 18]);
  expect((await made.log.list(2, 3)).map(({ seq }) => seq)).toEqual([2, 1]);
  await made.log.close();
  expect(await verifyAuditIn(made.directory)).toMatchObject({ entries: 20, problems: [] });
});

test('S33: whatever single byte of the log is changed, it is found', async () => {
  const made = await written(4);
  const text = readFileSync(made.path);
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(text);
      changed[at] = (changed[at] ?? 0) ^ flip;
      writeFileSync(made.path, changed);
      expect((await verifyAuditIn(made.directory)).problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
});
