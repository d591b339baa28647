import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chargeEntry, closedEntry, encodeEntries, openedEntry, progressEntry } from './journal-entry.ts';
import { replayable } from '../std/testing/replayable.ts';
import { decodeRecords, type DecodedRecords } from './journal-record.ts';
import type { JournalRecord } from './journal-row.ts';
import { journalText, linesOf, sampleAttempt, sampleCharge, sampleClose, sampleSegment, sampleUsage } from './ledger-samples.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const line = fc.oneof(
  text.map((id) => ({ ids: [id], line: journalText(openedEntry(sampleAttempt(id, { tenant: id, deploymentId: id }))) })),
  text.map((id) => ({ ids: [id], line: journalText(closedEntry(sampleClose(id, { usage: undefined, costUsd: undefined }))) })),
  text.map((id) => ({ ids: [id], line: journalText(progressEntry({ attemptId: id, usage: sampleUsage(1, 2), costUsd: undefined })) })),
  text.map((id) => ({ ids: [id], line: journalText(chargeEntry(sampleCharge(id, { keyId: id, probableRetry: id.length > 9 }))) })),
  text.map((id) => ({ ids: [id], line: journalText(chargeEntry(sampleCharge(id, { segments: [] }))) })),
  text.map((id) => ({
    ids: [id, id],
    line: journalText(closedEntry(sampleClose(id)), chargeEntry(sampleCharge(id, { segments: [sampleSegment(id)] }))),
  })),
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
      expect(idsOf(cut)).toEqual(whole.flatMap((entry) => entry.ids));
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
      expect(idsOf(journal)).toEqual(lines.filter((_, index) => index !== hit).flatMap((entry) => entry.ids));
    }),
  );
});

it('a value that SQLite would refuse is damage, not a stop', () => {
  for (const segments of [[], [sampleSegment('a')]]) {
    const bad = journalText(chargeEntry(sampleCharge('r', { attempts: 1.5, segments })));
    const lines = bad + journalText(chargeEntry(sampleCharge('s')));
    expect(decodeRecords(Buffer.from(lines))).toMatchObject({ damagedLines: 1, records: [{ record: { requestId: 's' } }] });
  }
});

it('a line that is checked but is no record is damage', () => {
  for (const record of ['', 'x', 'o\t', 'c\ta\tS', 's\t1\t2', 'g\tr', 'z\t1\t2\t3', 'open {', 'charge 1']) {
    expect(decodeRecords(linesOf(record))).toMatchObject({ damagedLines: 1, records: [] });
  }
});

const amount = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });

it('an end and its charge say the same whether they share a line or not', () => {
  fc.assert(
    fc.property(text, amount, amount, amount, fc.boolean(), fc.nat(), (id, costUsd, chargeUsd, ttftMs, isSame, outputTokens) => {
      const close = closedEntry(sampleClose(id, { costUsd, ttftMs, usage: sampleUsage(7, outputTokens) }));
      const charge = chargeEntry(
        sampleCharge(id, { chargeUsd: isSame ? costUsd : chargeUsd, usage: sampleUsage(7, outputTokens), segments: [sampleSegment(id)] }),
      );
      const together = journalText(close, charge);
      const apart = journalText(close) + journalText(charge);
      expect(together.split('\n')).toHaveLength(2);
      expect(decodeRecords(Buffer.from(together)).records).toEqual(decodeRecords(Buffer.from(apart)).records);
    }),
  );
});

it('lines of any text stay what they were while others follow them', () => {
  const texts = ['plain', 'é€😀', 'half a pair: \ud83d', 'x'.repeat(20_000)];
  const encoded = Array.from({ length: 40 }, (_, index) => {
    const id = `${texts[index % texts.length]} ${index}`;
    return { id, bytes: encodeEntries([openedEntry(sampleAttempt(id))].flatMap((entry) => entry ?? [])) };
  });
  for (const { id, bytes } of encoded) {
    expect(idsOf(bytes)).toEqual([id.toWellFormed()]);
    expect(decodeRecords(bytes).damagedLines).toBe(0);
  }
});

it('a journal of many pieces is read as each of its lines by itself, wherever the pieces end', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'é', '\\t'), fc.integer({ min: 1, max: 60_000 })), { maxLength: 12 }), (parts) => {
      const ids = parts.map(([unit, count], index) => `${index} ${unit.repeat(count / unit.length)}`);
      const lines = ids.map((id) => journalText(openedEntry(sampleAttempt(id))));
      const whole = Buffer.from(lines.filter((each) => each !== '').join(''));
      const each = lines.map((one) => decodeRecords(Buffer.from(one)));
      expect(decodeRecords(whole).records).toEqual(each.flatMap(({ records }) => records));
      expect(decodeRecords(whole)).toMatchObject({ consumedBytes: whole.length, damagedLines: 0 });
    }),
    { numRuns: 50 },
  );
});

it('whatever the order of opens, ends and charges, each attempt has its own in theirs', () => {
  const entry = fc.record({
    id: fc.nat(12).map((id) => `a${id}`),
    kind: fc.constantFrom('open', 'close', 'charge'),
    outputTokens: fc.nat(1),
    outcome: fc.constantFrom('ok', 'cut'),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (given) => {
      const entries = given.map(({ id, kind, outputTokens, outcome }) => {
        const usage = sampleUsage(7, outputTokens);
        if (kind === 'open') return openedEntry(sampleAttempt(id));
        return kind === 'close'
          ? closedEntry(sampleClose(id, { usage, outcome }))
          : chargeEntry(sampleCharge(`r-${id}`, { usage, outcome, segments: [sampleSegment(id)] }));
      });
      const byAttempt = (records: DecodedRecords['records']) =>
        records.toSorted((one, other) => compareText(keyOf(one), keyOf(other))).map(({ kind, record }) => ({ kind, record }));
      const apart = entries.flatMap((each) => decodeRecords(Buffer.from(journalText(each))).records);
      expect(byAttempt(decodeRecords(Buffer.from(journalText(...entries))).records)).toEqual(byAttempt(apart));
    }),
    replayable('src/ledger/journal-record.test.ts', 300),
  );
});

const keyOf = ({ kind, record }: JournalRecord): string => `${kind === 'charge' ? 'charge' : 'attempt'} ${record.attemptId}`;
const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

it('the ends of a turn, and behind them their charges, share a line each', () => {
  const ids = Array.from({ length: 40 }, (_, index) => `a${index}`);
  const closes = ids.map((id) => closedEntry(sampleClose(id)));
  const charges = ids.map((id) => chargeEntry(sampleCharge(id, { segments: [sampleSegment(id)] })));
  expect(journalText(...closes, ...charges).split('\n')).toHaveLength(41);
});
