import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { prepareApplier } from './apply-records.ts';
import { chargeEntry, closedEntry, openedEntry, progressEntry } from './journal-entry.ts';
import { decodeRecords } from './journal-record.ts';
import { inTransaction } from './ledger-database.ts';
import { journalText, sampleAttempt, sampleCharge, sampleClose, sampleSegment, sampleUsage } from './ledger-samples.ts';
import { schemaChanges } from './ledger-schema.ts';

/** Ordinary requests, and all that makes one less than ordinary. */
const anyRequest = fc.record({
  isOpened: fc.boolean(),
  ordinal: fc.constantFrom(1, 1, 2),
  reason: fc.constantFrom('first', 'first', 'hedge'),
  state: fc.constantFrom('S', 'S', 'V', 'U', undefined),
  outcome: fc.constantFrom('ok', 'ok', 'client_closed'),
  isCounted: fc.boolean(),
  isNoted: fc.boolean(),
  costUsd: fc.constantFrom(0.25, 0, undefined),
  chargeUsd: fc.constantFrom(0.25, 0, undefined),
  attempts: fc.constantFrom(1, 1, 2),
  segments: fc.constantFrom(1, 1, 0, 2),
  probableRetry: fc.constantFrom(false, false, true),
  isCharged: fc.boolean(),
} as const);

it('records that are applied together leave the rows that they leave one by one, whatever makes some of them ordinary', () => {
  fc.assert(
    fc.property(fc.array(anyRequest, { maxLength: 40 }), (requests) => {
      const lines = requests.flatMap((request, index) => {
        const { ordinal, reason, state, outcome, costUsd, chargeUsd, attempts, probableRetry } = request;
        const id = `r${index}`;
        const usage = sampleUsage(index, 7);
        return [
          request.isOpened ? openedEntry(sampleAttempt(id, { requestId: id, ordinal, reason })) : undefined,
          request.isNoted ? progressEntry({ attemptId: id, usage, costUsd }) : undefined,
          state === undefined
            ? undefined
            : closedEntry(sampleClose(id, { state, outcome, costUsd, ttftMs: undefined, usage: request.isCounted ? usage : undefined })),
          request.isCharged
            ? chargeEntry(
                sampleCharge(id, {
                  outcome,
                  attempts,
                  chargeUsd,
                  usage,
                  probableRetry,
                  segments: Array.from({ length: request.segments }, (_, part) => sampleSegment(part === 0 ? id : `${id}-${part}`)),
                }),
              )
            : undefined,
        ];
      });
      const { records } = decodeRecords(Buffer.from(journalText(...lines)));
      const [together, oneByOne] = (['applyTogether', 'applyOneByOne'] as const).map((how) => {
        const database = new DatabaseSync(':memory:');
        database.exec(schemaChanges.get(0) ?? '');
        const damaged = inTransaction(database, () => prepareApplier(database)[how](records, 'process'));
        const tables = ['attempts', 'charges', 'segments', 'labels', 'defects'].map((table) =>
          database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all(),
        );
        database.close();
        return { damaged, tables };
      });
      expect(together).toEqual(oneByOne);
    }),
    { numRuns: 40 },
  );
});
