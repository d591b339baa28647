import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { replayable } from '../std/testing/replayable.ts';
import { writeOpened, writeSettled } from './compact-record.ts';
import { encodeEntries, openedEntry } from './journal-entry.ts';
import { JournalPage } from './journal-page.ts';
import { journalText, sampleAttempt, sampleCharge, sampleClose, sampleSegment } from './ledger-samples.ts';
import { chargeEntry, closedEntry } from './journal-entry.ts';
import { lineEnd } from './line-checksum.ts';

const runs = replayable('src/ledger/journal-page.test.ts', 300);
const emptyEnd = lineEnd(new Uint8Array());

function lineOf(record: string): string {
  return `${crc32(record).toString(16).padStart(8, '0')} ${record}\n`;
}

const decimal = fc.tuple(fc.nat(1e9), fc.integer({ min: 0, max: 15 })).map(([digits, places]) => digits / 10 ** places);
const number = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(20_000),
  decimal,
  fc.double({ min: 0, max: 2000, noNaN: true }),
  fc.double(),
  fc.constantFrom(0, -0, 999_999_999, 1e9, 1e-6, 0.1 + 0.2, 999.9999999999999, 999_999.999999999, 1e15, 1e21, 5e-324, Number.MAX_SAFE_INTEGER),
);

it('numbers stand in a line as JavaScript writes them', () => {
  const page = new JournalPage();
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 6 }), (values) => {
      page.begin(1000);
      page.beginLine();
      for (const value of values) page.number(value);
      expect(page.endLine(emptyEnd)).toBe(true);
      expect(page.taken().toString('latin1')).toBe(lineOf(values.map((value) => `${value}\t`).join('')));
    }),
    { ...runs, numRuns: 3000 },
  );
});

const plain = fc.string({ maxLength: 30 });
const anything = fc.string({ unit: 'binary', maxLength: 30 });
const text = fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: anything });
const amount = fc.option(
  number.filter((value) => Number.isFinite(value)),
  { nil: undefined },
);
const words = fc.record({
  tenant: text,
  model: text,
  keyId: fc.option(text, { nil: undefined }),
  deploymentId: text,
  endpointId: text,
  vendor: text,
});

it('an ordinary line is the one that is written as a text, whatever its texts hold', () => {
  fc.assert(
    fc.property(text, text, words, amount, amount, number, (attemptId, requestId, said, costUsd, ttftMs, durationMs) => {
      const { tenant, model, keyId, deploymentId, endpointId, vendor } = said;
      const opened = sampleAttempt(attemptId, { requestId, ...said, openedAtWallMs: durationMs });
      const closed = sampleClose(attemptId, { costUsd, ttftMs, durationMs });
      const segment = sampleSegment(attemptId, { deploymentId, endpointId, vendor });
      const charge = sampleCharge(requestId, { tenant, model, keyId, segments: [segment], settledAtWallMs: durationMs });
      const expected = lineOf(writeOpened(opened)) + lineOf(writeSettled(closed, charge, segment));
      expect(journalText(openedEntry(opened), closedEntry(closed), chargeEntry(charge))).toBe(Buffer.from(expected, 'utf8').toString('utf8'));
    }),
    runs,
  );
});

it('labels that change under the same deployment and key are those of their own record', () => {
  const lines = ['research', 'support', 'research'].flatMap((tenant) =>
    ['east', 'west'].map((endpointId) => {
      const opened = sampleAttempt('a', { tenant, keyId: 'k', endpointId });
      return [journalText(openedEntry(opened)), lineOf(writeOpened(opened))];
    }),
  );
  for (const [written, expected] of lines) expect(written).toBe(expected);
});

it('more labels than are remembered are written all the same', () => {
  for (let key = 0; key < 5000; key += 1) {
    const opened = sampleAttempt('a', { keyId: `key-${key}`, deploymentId: `deployment-${key % 1100}` });
    if (key % 97 === 0 || key > 4090) expect(journalText(openedEntry(opened))).toBe(lineOf(writeOpened(opened)));
    else encodeEntries([openedEntry(opened)].flatMap((entry) => entry ?? []));
  }
});
