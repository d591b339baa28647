import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { prepareDrain } from './drain-journal.ts';
import { chargeEntry, closedEntry, openedEntry } from './journal-entry.ts';
import { databasePath, journalFileName } from './journal-file.ts';
import { openLedgerDatabase } from './ledger-database.ts';
import { journalText, sampleAttempt, sampleCharge, sampleClose, sampleSegment } from './ledger-samples.ts';
import { readDefects, readUsage } from './read-usage.ts';

const root = mkdtempSync(join(tmpdir(), 'ledger-steps-'));
afterAll(() => rmSync(root, { recursive: true }));

class Crash extends Error {}

/** A connection that is lost at its n-th statement: before it was carried out, or after, with its answer lost. */
class MortalDatabase extends DatabaseSync {
  #stepsLeft: number;
  readonly #when: 'before' | 'after';

  constructor(path: string, step: number, when: 'before' | 'after') {
    super(path);
    this.#stepsLeft = step;
    this.#when = when;
  }

  override exec(sql: string): void {
    this.#step(() => super.exec(sql));
  }

  override prepare(sql: string): StatementSync {
    const statement = super.prepare(sql);
    return Object.assign(super.prepare(sql), { run: (...values: SQLInputValue[]) => this.#step(() => statement.run(...values)) });
  }

  #step<Value>(work: () => Value): Value {
    if (!this.isOpen) throw new Crash();
    this.#stepsLeft -= 1;
    if (this.#stepsLeft === 0 && this.#when === 'before') this.#die();
    const value = work();
    if (this.#stepsLeft === 0) this.#die();
    return value;
  }

  /** What a killed process does to its transaction: it is gone, whatever follows. */
  #die(): never {
    this.close();
    throw new Crash();
  }
}

const processId = '0'.repeat(32);
const name = journalFileName(processId, 1);
const ids = Array.from({ length: 20 }, (_, index) => `a${String(index).padStart(2, '0')}`);
const journal = [
  ...ids.map((id) => journalText(openedEntry(sampleAttempt(id, { requestId: id })))),
  ...ids.slice(0, 15).map((id) => journalText(closedEntry(sampleClose(id)), chargeEntry(sampleCharge(id, { segments: [sampleSegment(id)] })))),
  // One more of each, which must be counted once however often it is read.
  journalText(openedEntry(sampleAttempt('a00'))),
  journalText(chargeEntry(sampleCharge('a01'))),
  journalText(chargeEntry(sampleCharge('split', { segments: [sampleSegment('a02'), sampleSegment('a03')] }))),
].join('');

function drainAll(database: DatabaseSync, directory: string): void {
  const drain = prepareDrain(database, directory);
  const half = journal.indexOf('\n', journal.length / 2) + 1;
  for (const untilBytes of [half, Buffer.byteLength(journal)]) drain.drain(name, processId, untilBytes);
  drain.remove(name);
}

/** Whether a drain that crashes at this step was reached; then it is done again by the next process, and checked. */
function survives(step: number, when: 'before' | 'after'): boolean {
  const directory = mkdtempSync(join(root, 'case-'));
  openLedgerDatabase(directory).close();
  writeFileSync(join(directory, name), journal);
  const mortal = new MortalDatabase(databasePath(directory), step, when);
  let crashed = false;
  try {
    drainAll(mortal, directory);
    mortal.close();
  } catch (error) {
    // The connection may also be found closed by what cleans up after the crash.
    if (!(error instanceof Crash) && mortal.isOpen) throw error;
    crashed = true;
  }
  const database = openLedgerDatabase(directory);
  if (existsSync(join(directory, name))) drainAll(database, directory);
  expect(readUsage(database, { groupBy: 'model' })).toMatchObject({
    openAttempts: 5,
    unknownAttempts: 0,
    rows: [{ requests: 16, attempts: 20, outputTokens: 800 }],
  });
  expect(readDefects(database)).toMatchObject({ duplicateAttempts: 1, duplicateCharges: 1, ignoredCloses: 0, damagedRecords: 0 });
  expect(existsSync(join(directory, name))).toBe(false);
  database.close();
  return crashed;
}

it.each(['before', 'after'] as const)(
  '91: a drain that is lost %s any of its statements, its commits among them, is done exactly once by whoever repeats it',
  (when) => {
    let step = 1;
    while (survives(step, when)) step += 1;
    expect(step).toBeGreaterThan(25);
  },
  60_000,
);
