import { z } from 'zod';
import { wholeNumber } from './schema-parts.ts';

export const ledgerSchema = z.strictObject({
  directory: z.string().min(1).max(4096).default('.second-source/ledger').describe('Folder of the ledger, relative to this file.'),
  memory: z
    .string()
    .min(1)
    .max(4096)
    .default('/dev/shm')
    .describe(
      'A file system in memory, where the newest records are until the disk has them (some 100 ms): they outlive the process there, and requests wait for no disk. `off`, a folder that is no such file system, or `fsync: always`: each request waits until the disk’s write cache, or the disk, has its record.',
    ),
  fsync: z
    .enum(['always', 'interval', 'never'])
    .default('interval')
    .describe('When records are forced to disk: each at once, a few times a second, or when the system likes.'),
  retentionDays: wholeNumber(1, 36_500)
    .default(90)
    .describe('How long upstream attempts are kept. What is open or unknown is never deleted. `docs/ledger.md` explains it.'),
  chargeRetentionDays: wholeNumber(1, 36_500)
    .default(800)
    .describe('How long charges are kept, from which usage and budgets are counted; at least as long as `retentionDays`.'),
});
