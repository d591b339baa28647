import fc from 'fast-check';
import { expect, it } from 'vitest';
import { replayable } from '../std/testing/replayable.ts';
import { FieldReader } from './journal-field.ts';

const runs = replayable('src/ledger/journal-field.test.ts', 3000);

const written = fc.oneof(
  fc.double({ noNaN: true }).map(String),
  fc.maxSafeInteger().map(String),
  fc.tuple(fc.nat(1e9), fc.integer({ min: 0, max: 15 })).map(([digits, places]) => String(digits / 10 ** places)),
  fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', 'e', ' ', 'x'), maxLength: 22 }),
);

/** A reader of one line that stands between others. */
function readerOf(...fields: readonly string[]): FieldReader {
  const line = fields.join('\t');
  const reader = new FieldReader(`7\t7\n${line}\n8\t8\n`);
  reader.begin(4, 4 + line.length);
  return reader;
}

it('a number is what JavaScript makes of its field, and the next field follows it', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 5 }), (fields) => {
      const reader = readerOf(...fields, 'end');
      for (const field of fields) expect(reader.number()).toBe(Number(field));
      expect(reader.rest()).toBe('end');
      expect(reader.isShort).toBe(false);
    }),
    runs,
  );
});

it('an amount is nothing where nothing stands, or what is no number', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(written, fc.constant('')), { maxLength: 5 }), (fields) => {
      const reader = readerOf(...fields, 'end');
      for (const field of fields) expect(reader.amount()).toBe(field !== '' && Number.isFinite(Number(field)) ? Number(field) : null);
      expect(reader.rest()).toBe('end');
    }),
    runs,
  );
});

it('a word is the field, whether it is the usual one, begins like it or is its beginning', () => {
  const word = fc.constantFrom('ok', 'o', '', 'okay', 'no', 'ok\\n', '=');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (fields) => {
      const reader = readerOf(...fields, 'end');
      for (const field of fields) {
        if (field === '=') expect(reader.isMark('=')).toBe(true);
        else {
          expect(reader.isMark('=')).toBe(false);
          expect(reader.word('ok')).toBe(field === 'ok\\n' ? 'ok\n' : field);
        }
      }
      expect(reader.rest()).toBe('end');
    }),
    runs,
  );
});

it('no field reaches past the end of its line', () => {
  for (const last of ['', '1', '12.5', 'ok', '=']) {
    for (const read of ['number', 'amount', 'text'] as const) {
      const reader = readerOf(last);
      reader[read]();
      expect(reader.isShort).toBe(true);
    }
    const reader = readerOf(last);
    expect(reader.isMark('=')).toBe(false);
    reader.word('ok');
    expect(reader.isShort).toBe(true);
  }
});
