import { appendFile, readFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { Clock } from '../std/clock.ts';
import { journalsOfProcess, processOfFile } from './journal-file.ts';
import type { JournalFile } from './journal-file.ts';
import { openedEntry } from './journal-entry.ts';
import { journalText, sampleAttempt, sampleCharge, sampleClose, sampleSegment, sampleUsage } from './ledger-samples.ts';
import { usageGroupings } from './ledger.ts';
import type { UsageQuery, UsageReport } from './ledger.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { shadowDirectory } from './shadow-directory.ts';
import { shadowHeaderBytes, shadowPath } from './journal-shadow.ts';
import { openSqliteLedger, realParts } from './open-sqlite-ledger.ts';
import type { SqliteLedger } from './sqlite-ledger.ts';

const root = await mkdtemp(join(tmpdir(), 'ledger-model-'));
afterAll(() => rm(root, { recursive: true }));

/** Timers never run: what reaches the database does so because an operation asked for it, so that a run replays. */
const stillClock: Clock = { nowMs: () => 0, wallMs: () => 0, after: () => () => {} };

/** A ledger whose process can be made to vanish as by kill -9, though it is this one. */
class MortalLedger {
  readonly directory: string;
  readonly memory: string;
  #ledger: SqliteLedger | undefined;
  #worker: Worker | undefined;
  #lock: { readonly release: () => void } | undefined;
  #processId = '';
  #files: JournalFile[] = [];

  constructor(directory: string, memory: string) {
    this.directory = directory;
    this.memory = memory;
  }

  async start(): Promise<SqliteLedger> {
    this.#ledger ??= await openSqliteLedger(
      { directory: this.directory, fsync: 'never', memory: this.memory, clock: stillClock },
      {
        ...realParts,
        maxJournalFileBytes: 1500,
        startWorker: (start) => {
          this.#processId = start.processId;
          this.#worker = realParts.startWorker(start);
          return this.#worker;
        },
        openFile: async (path, keep) => {
          const file = await realParts.openFile(path, keep);
          this.#files.push(file);
          return file;
        },
        takeLock: (path) => {
          this.#lock = realParts.takeLock(path);
          return this.#lock;
        },
      },
    );
    return this.#ledger;
  }

  async dropWorker(): Promise<void> {
    await this.#worker?.terminate();
  }

  /** Leaves the journal with a record that was being written, of which `torn` (0 to 1) had arrived. */
  async crash(torn: number): Promise<void> {
    await this.dropWorker();
    // A sealed file is closed already.
    await Promise.allSettled(this.#files.splice(0).map((file) => file.close()));
    this.#lock?.release();
    const journal = journalsOfProcess(await readdir(this.directory), this.#processId).at(-1);
    const newest = (await this.#newestShadow()) ?? (journal === undefined ? undefined : join(this.directory, journal));
    const ghost = journalText(openedEntry(sampleAttempt('ghost')));
    if (newest !== undefined) await appendFile(newest, ghost.slice(0, Math.floor(torn * (ghost.length - 1))));
    this.#ledger = undefined;
  }

  /** The file in memory that was written last, where the disk does not have all. */
  async #newestShadow(): Promise<string | undefined> {
    const shadows = shadowDirectory(this.memory, this.directory);
    if (shadows === undefined) return undefined;
    const paths = ([0, 1] as const).map((slot) => shadowPath(shadows, this.#processId, slot));
    const heads = await Promise.all(paths.map(async (path) => ({ path, head: (await readFile(path, 'latin1')).slice(0, shadowHeaderBytes) })));
    return heads
      .filter(({ head }) => head !== '')
      .toSorted((a, b) => (a.head < b.head ? -1 : 1))
      .at(-1)?.path;
  }

  async end(): Promise<void> {
    await this.#ledger?.close();
    this.#ledger = undefined;
  }
}

const attemptId = fc.nat(12).map((number) => `a${number}`);
const requestId = fc.nat(8).map((number) => `r${number}`);
const keyId = fc.constantFrom(undefined, 'one', 'two');
const outcome = fc.constantFrom('ok', 'upstream_stream_error');
const part = fc.record({
  attemptId,
  outputTokens: fc.nat(50),
  characters: fc.nat(50),
  vendor: fc.constantFrom('nvidia', 'amd'),
  endpointId: fc.constantFrom('east', 'west'),
  evidence: fc.constantFrom('measured', 'emulated', 'unknown'),
});
const anyOperation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('open'),
      id: attemptId,
      requestId,
      wallMs: fc.nat(100),
      evidence: fc.constantFrom('measured', 'emulated'),
      keyId,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('close'), id: attemptId, state: fc.constantFrom('S', 'V', 'U'), outcome }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('charge'),
      id: requestId,
      keyId,
      probableRetry: fc.boolean(),
      wallMs: fc.nat(100),
      input: fc.nat(1000),
      output: fc.nat(1000),
      usd: fc.option(fc.nat(64), { nil: undefined }),
      parts: fc.array(part, { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('progress'), id: attemptId, costUsd: fc.nat(64) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop worker') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash'), torn: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
);
type Operation = typeof anyOperation extends fc.Arbitrary<infer Value> ? Value : never;

async function perform(operation: Operation, mortal: MortalLedger, model: ReturnType<typeof createMemoryLedger>): Promise<void> {
  const ledger = await mortal.start();
  switch (operation.kind) {
    case 'open': {
      const attempt = sampleAttempt(operation.id, { ...operation, openedAtWallMs: operation.wallMs });
      await Promise.all([ledger.openAttempt(attempt), model.openAttempt(attempt)]);
      return;
    }
    case 'close': {
      for (const each of [ledger, model]) each.closeAttempt(sampleClose(operation.id, operation));
      return;
    }
    case 'progress': {
      const progress = { attemptId: operation.id, usage: sampleUsage(1, 1), costUsd: operation.costUsd / 64 };
      for (const each of [ledger, model]) each.noteProgress(progress);
      return;
    }
    case 'charge': {
      const charge = sampleCharge(operation.id, {
        usage: sampleUsage(operation.input, operation.output),
        chargeUsd: operation.usd === undefined ? undefined : operation.usd / 64,
        settledAtWallMs: operation.wallMs,
        keyId: operation.keyId,
        probableRetry: operation.probableRetry,
        segments: operation.parts.map((each, index) => sampleSegment(`s${index}`, each)),
      });
      for (const each of [ledger, model]) each.charge(charge);
      return;
    }
    case 'flush':
      return ledger.flush();
    case 'drop worker': {
      // In the middle of its work, as far as one can aim.
      const flushed = ledger.flush().catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
      await mortal.dropWorker();
      return flushed;
    }
    case 'restart': {
      model.loseProcess();
      return mortal.end();
    }
    case 'crash': {
      // An acknowledged open proves that all before it was handed to the operating system.
      const barrier = sampleAttempt('barrier');
      await Promise.all([ledger.openAttempt(barrier), model.openAttempt(barrier)]);
      model.loseProcess();
      return mortal.crash(operation.torn);
    }
  }
}

const rounded = (report: UsageReport): UsageReport => ({
  ...report,
  rows: report.rows.map((row) => ({ ...row, usd: Math.round(row.usd * 1e9) / 1e9, lostUsd: Math.round(row.lostUsd * 1e9) / 1e9 })),
});

const queries = usageGroupings.flatMap<UsageQuery>((groupBy) => [{ groupBy }, { groupBy, sinceWallMs: 20, untilWallMs: 60 }]);

it.each(['off', '/dev/shm'])(
  'with memory %s: whatever is recorded, dropped, cut and restarted in any order, the ledger reports what a ledger without crashes would',
  async (memory) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyOperation, { minLength: 5, maxLength: 50, size: 'max' }), async (operations) => {
        const mortal = new MortalLedger(await mkdtemp(join(root, 'run-')), memory);
        const model = createMemoryLedger();
        for (const each of operations) await perform(each, mortal, model);
        const ledger = await mortal.start();
        await ledger.flush();
        for (const query of queries) expect(rounded(await ledger.usage(query))).toEqual(rounded(await model.usage(query)));
        expect(ledger.health()).toEqual({
          ...model.health(),
          waitingRecords: 0,
          droppedRecords: 0,
          undrainedBytes: 0,
          journalFailure: undefined,
          databaseFailure: undefined,
        });
        await mortal.end();
        expect((await readdir(mortal.directory)).filter((name) => processOfFile(name) !== undefined)).toEqual([]);
      }),
      { numRuns: 12, timeout: 60_000 },
    );
  },
  300_000,
);
