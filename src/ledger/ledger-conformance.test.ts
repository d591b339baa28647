import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { systemClock } from '../std/clock.ts';
import { ledgerConformance } from './ledger-conformance.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { openSqliteLedger } from './open-sqlite-ledger.ts';

const root = await mkdtemp(join(tmpdir(), 'ledger-'));
afterAll(() => rm(root, { recursive: true }));

ledgerConformance('The memory ledger', async () => createMemoryLedger());

for (const fsync of ['never', 'interval', 'always'] as const) {
  for (const memory of ['off', '/dev/shm'] as const) {
    ledgerConformance(`The SQLite ledger with fsync ${fsync} and memory ${memory}`, async () =>
      openSqliteLedger({ directory: await mkdtemp(join(root, 'case-')), fsync, memory, clock: systemClock }),
    );
  }
}
