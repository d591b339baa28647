import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeRecords, encodeCharge, encodeClosed, encodeOpened } from './journal-record.ts';
import { sampleAttempt, sampleCharge, sampleClose } from './ledger-samples.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const line = fc.oneof(
  text.map((id) => ({ id, line: encodeOpened(sampleAttempt(id, { tenant: id })) })),
  text.map((id) => ({ id, line: encodeClosed(sampleClose(id, { usage: undefined, costUsd: undefined })) })),
  text.map((id) => ({ id, line: encodeCharge(sampleCharge(id)) })),
);
const idsOf = (bytes: Buffer): readonly string[] =>
  decodeRecords(bytes).records.map((entry) => (entry.kind === 'charge' ? entry.record.requestId : entry.record.attemptId));

it('a journal cut at any byte gives the whole records before the cut and no other', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.double({ min: 0, max: 1, noNaN: true }), (lines, where) => {
      const journal = Buffer.from(lines.map((entry) => entry.line).join(''), 'utf8');
      const cut = journal.subarray(0, Math.floor(where * journal.length));
      let endOfLine = 0;
      const whole = lines.filter((entry) => (endOfLine += Buffer.byteLength(entry.line)) <= cut.length);
      expect(idsOf(cut)).toEqual(whole.map((entry) => entry.id));
      expect(decodeRecords(cut).damagedLines).toBe(0);
      expect(decodeRecords(cut).consumedBytes).toBe(Buffer.byteLength(whole.map((entry) => entry.line).join('')));
    }),
  );
});

it('a flipped bit damages its own line and no other', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(7), (lines, position, bit) => {
      const journal = Buffer.from(lines.map((entry) => entry.line).join(''), 'utf8');
      const at = position % journal.length;
      // A bit of a newline joins two lines or splits one: more than one is damaged then.
      fc.pre(journal[at] !== 0x0a && ((journal[at] ?? 0) ^ (1 << bit)) !== 0x0a);
      journal[at] = (journal[at] ?? 0) ^ (1 << bit);
      let endOfLine = 0;
      const hit = lines.findIndex((entry) => (endOfLine += Buffer.byteLength(entry.line)) > at);
      expect(decodeRecords(journal).damagedLines).toBe(1);
      expect(idsOf(journal)).toEqual(lines.filter((_, index) => index !== hit).map((entry) => entry.id));
    }),
  );
});

it('a value that SQLite would refuse is damage, not a stop', () => {
  const lines = encodeCharge(sampleCharge('r', { attempts: 1.5 })) + encodeCharge(sampleCharge('s'));
  expect(decodeRecords(Buffer.from(lines))).toMatchObject({ damagedLines: 1, records: [{ record: { requestId: 's' } }] });
});
