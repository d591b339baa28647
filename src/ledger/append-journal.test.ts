import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../std/clock.ts';
import { AppendJournal } from './append-journal.ts';
import type { AppendJournalOptions } from './append-journal.ts';
import { openJournalFile } from './journal-file.ts';
import type { JournalFile, OpenJournalFile } from './journal-file.ts';

/** A clock that stands until a test moves it. */
function steppedClock(): Clock & { readonly advance: (byMs: number) => void } {
  let nowMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (byMs) => {
      nowMs += byMs;
      for (const timer of timers) if (timer.atMs <= nowMs && timers.delete(timer)) timer.run();
    },
  };
}

const diskFull = (): Error => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

describe('append-journal', () => {
  let directory: string;
  let clock: ReturnType<typeof steppedClock>;
  let writes: number;
  let disk: { fail: (() => Error) | undefined; bytesBeforeFailure: number };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'journal-'));
    clock = steppedClock();
    writes = 0;
    disk = { fail: undefined, bytesBeforeFailure: 0 };
  });
  afterEach(() => rm(directory, { recursive: true }));

  const pathOf = (sequence: number): string => join(directory, `${sequence}`);
  /** A real file on a disk that fails on demand, after having taken a part of the bytes. */
  const openFile: OpenJournalFile = async (path, keep) => {
    const file: JournalFile = await openJournalFile(path, keep);
    return {
      ...file,
      write: async (bytes, position) => {
        writes += 1;
        if (disk.fail === undefined) return file.write(bytes, position);
        await file.write(bytes.subarray(0, disk.bytesBeforeFailure), position);
        throw disk.fail();
      },
    };
  };
  const open = (changes: Partial<AppendJournalOptions<string>> = {}): Promise<AppendJournal<string>> =>
    AppendJournal.open({
      openFile,
      pathOf,
      encode: (lines) => Buffer.from(lines.join('')),
      fsync: 'never',
      clock,
      atTurnEnd: setImmediate,
      maxFileBytes: 1e9,
      maxWaitingTries: 100,
      maxWaitingKept: 100,
      onWritten: () => {},
      ...changes,
    });

  it('everything that is queued while one write is under way goes out in the next one', async () => {
    const journal = await open();
    await Promise.all(Array.from({ length: 50 }, async (_, index) => journal.tryAppend(`${index}\n`)));
    expect(writes).toBe(1);
    expect((await readFile(pathOf(1), 'utf8')).trim().split('\n')).toHaveLength(50);
    await journal.close();
  });

  it('where tries come often, kept records wait for the next one to take them along, for a short time', async () => {
    const journal = await open();
    await journal.tryAppend('1\n');
    journal.append('kept with 2\n');
    await journal.tryAppend('2\n');
    expect(writes).toBe(2);
    journal.append('kept alone\n');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(writes).toBe(2);
    clock.advance(2);
    await journal.written();
    expect(writes).toBe(3);
    expect(await readFile(pathOf(1), 'utf8')).toBe('1\nkept with 2\n2\nkept alone\n');
    await journal.close();
  });

  it('where tries are rare, kept records are written at the end of the turn', async () => {
    const written = Promise.withResolvers<void>();
    const journal = await open({ onWritten: () => written.resolve() });
    journal.append('kept\n');
    await written.promise;
    expect(await readFile(pathOf(1), 'utf8')).toBe('kept\n');
    await journal.close();
  });

  it('a record that a full disk refused leaves no trace, a kept one is written when there is space again', async () => {
    const journal = await open();
    await journal.tryAppend('first\n');
    disk = { fail: diskFull, bytesBeforeFailure: 12 };
    journal.append('kept\n');
    await expect(journal.tryAppend('refused\n')).rejects.toThrow(/disk is full/);
    expect(await readFile(pathOf(1), 'utf8')).toBe('first\n');
    expect(journal.health()).toMatchObject({ waitingRecords: 1, failure: expect.stringMatching(/disk is full/) });
    disk.fail = undefined;
    clock.advance(10_000);
    await journal.written();
    expect(await readFile(pathOf(1), 'utf8')).toBe('first\nkept\n');
    expect(journal.health()).toEqual({ waitingRecords: 0, droppedRecords: 0, failure: undefined });
    await journal.close();
  });

  it('tries are refused without touching the disk until it is time to try again', async () => {
    const journal = await open();
    disk.fail = diskFull;
    await expect(journal.tryAppend('1\n')).rejects.toThrow(/disk is full/);
    await expect(journal.tryAppend('2\n')).rejects.toThrow(/disk is full/);
    expect(writes).toBe(1);
    disk.fail = undefined;
    clock.advance(10_000);
    await journal.tryAppend('3\n');
    expect(await readFile(pathOf(1), 'utf8')).toBe('3\n');
    await journal.close();
  });

  it('both queues are bounded: tries are refused, kept records beyond are counted', async () => {
    const journal = await open({ maxWaitingTries: 2, maxWaitingKept: 3 });
    const tries = ['1\n', '2\n'].map(async (line) => journal.tryAppend(line));
    await expect(journal.tryAppend('3\n')).rejects.toThrow(/waiting for the disk/);
    for (let index = 0; index < 5; index += 1) journal.append('kept\n');
    await Promise.all(tries);
    expect(journal.health().droppedRecords).toBe(2);
    expect(await readFile(pathOf(1), 'utf8')).toBe('1\n2\nkept\nkept\nkept\n');
    await journal.close();
  });

  /** Memory that holds whatever it is given, until it is told to be full. */
  const shadow = { isFull: false, hold: () => !shadow.isFull, release: () => {}, close: () => {} };

  it('with memory that outlives the process a try is safe with its turn, and the disk has it a little later', async () => {
    const journal = await open({ shadow });
    await journal.tryAppend('1\n');
    journal.append('kept\n');
    await journal.tryAppend('2\n');
    expect(writes).toBe(0);
    expect(journal.health().waitingRecords).toBe(3);
    clock.advance(99);
    expect(writes).toBe(0);
    clock.advance(1);
    await journal.written();
    expect(writes).toBe(1);
    expect(await readFile(pathOf(1), 'utf8')).toBe('1\nkept\n2\n');
    await journal.close();
  });

  it('all that a turn brings goes into that memory at once, in its order, and nobody hears that it is safe before it is', async () => {
    const done: string[] = [];
    const turnEnds: (() => void)[] = [];
    const journal = await open({
      atTurnEnd: (run) => turnEnds.push(run),
      shadow: { ...shadow, hold: (bytes) => done.push(`held ${bytes.toString().replaceAll('\n', ' ')}`) > 0 },
    });
    const tries = ['1', '2', '3'].map(async (line) => {
      journal.append(`kept before ${line}\n`);
      await journal.tryAppend(`${line}\n`);
      done.push(`safe ${line}`);
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([]);
    for (const end of turnEnds.splice(0)) end();
    await Promise.all(tries);
    expect(done).toEqual(['held kept before 1 1 kept before 2 2 kept before 3 3 ', 'safe 1', 'safe 2', 'safe 3']);
    expect(writes).toBe(0);
    expect(turnEnds).toEqual([]);
    await journal.close();
    expect(await readFile(pathOf(1), 'utf8')).toBe('kept before 1\n1\nkept before 2\n2\nkept before 3\n3\n');
  });

  it('with that memory, kept records are safe with the turn that brought them, though the disk is being written', async () => {
    const held: string[] = [];
    const journal = await open({ shadow: { ...shadow, hold: (bytes) => held.push(bytes.toString()) > 0 } });
    await journal.tryAppend('1\n');
    clock.advance(100);
    expect(writes).toBe(1);
    journal.append('kept\n');
    journal.append('kept too\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(held).toEqual(['1\n', 'kept\nkept too\n']);
    await journal.close();
  });

  it('where that memory is full, a try waits for the disk, behind all that came before', async () => {
    const journal = await open({ shadow, maxFileBytes: 4 });
    await journal.tryAppend('held\n');
    expect(writes).toBe(0);
    shadow.isFull = true;
    await journal.tryAppend('waits\n');
    expect(writes).toBe(2);
    shadow.isFull = false;
    await journal.tryAppend('held again\n');
    expect(writes).toBe(2);
    await journal.written();
    expect(await Promise.all([1, 2, 3].map((sequence) => readFile(pathOf(sequence), 'utf8')))).toEqual(['held\n', 'waits\n', 'held again\n']);
    await journal.close();
  });

  it('while the disk fails, what is held stays, and a try counts only once the disk has it', async () => {
    const journal = await open({ shadow });
    await journal.tryAppend('held\n');
    disk.fail = diskFull;
    await expect(journal.written()).rejects.toThrow(/disk is full/);
    await expect(journal.tryAppend('refused\n')).rejects.toThrow(/disk is full/);
    clock.advance(10_000);
    await expect(journal.tryAppend('refused too\n')).rejects.toThrow(/disk is full/);
    disk.fail = undefined;
    clock.advance(10_000);
    await journal.tryAppend('taken\n');
    expect(await readFile(pathOf(1), 'utf8')).toBe('held\ntaken\n');
    const written = writes;
    await journal.tryAppend('held again\n');
    expect(writes).toBe(written);
    await journal.close();
  });

  it('a full file is sealed and the next one begun, no record in both', async () => {
    const journal = await open({ maxFileBytes: 10, fsync: 'always' });
    for (let index = 0; index < 5; index += 1) await journal.tryAppend(`line ${index}\n`);
    expect(journal.files()).toEqual([
      { sequence: 1, writtenBytes: 14, sealed: true },
      { sequence: 2, writtenBytes: 14, sealed: true },
      { sequence: 3, writtenBytes: 7, sealed: false },
    ]);
    const texts = await Promise.all([1, 2, 3].map((sequence) => readFile(pathOf(sequence), 'utf8')));
    expect(texts.join('')).toBe('line 0\nline 1\nline 2\nline 3\nline 4\n');
    journal.forget(1);
    expect(journal.files().map((file) => file.sequence)).toEqual([2, 3]);
    await journal.close();
  });

  it('a failed interval fsync is reported, tried again, and refuses nothing', async () => {
    let failing = true;
    const journal = await open({
      fsync: 'interval',
      openFile: async (path, keep) => ({
        ...(await openJournalFile(path, keep)),
        sync: async () => {
          if (failing) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
        },
      }),
    });
    await journal.tryAppend('1\n');
    clock.advance(1000);
    await journal.tryAppend('2\n');
    expect(journal.health().failure).toMatch(/EIO/);
    failing = false;
    clock.advance(1000);
    await journal.tryAppend('3\n');
    expect(journal.health().failure).toBeUndefined();
    await journal.close();
  });

  it('a journal that cannot write its last records says so when it is closed', async () => {
    const journal = await open();
    disk.fail = diskFull;
    journal.append('lost\n');
    await expect(journal.close()).rejects.toThrow(/disk is full/);
    await expect(journal.tryAppend('late\n')).rejects.toThrow('The ledger is closed.');
  });
});
