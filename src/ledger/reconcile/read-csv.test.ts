import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvField } from '../../std/csv-field.ts';
import { collect } from '../testing/collect.ts';
import { readCsv } from './read-csv.ts';

async function recordsOf(text: string | Uint8Array, separator?: string, partBytes = 3): Promise<readonly (readonly string[])[]> {
  const bytes = Buffer.from(text);
  const parts = Array.from({ length: Math.ceil(bytes.length / partBytes) }, (_, index) => bytes.subarray(index * partBytes, (index + 1) * partBytes));
  return collect(readCsv(parts, separator));
}

it('records end at any line end, and quoted fields may hold everything', async () => {
  expect(await recordsOf('\uFEFFa,b\r\n"1,""x""\r\n",2\n\n\r\n,\r"","z"')).toEqual([
    ['a', 'b'],
    ['1,"x"\r\n', '2'],
    ['', ''],
    ['', 'z'],
  ]);
  expect(await recordsOf('a;b,c\n', ';')).toEqual([['a', 'b,c']]);
  expect(await recordsOf('')).toEqual([]);
});

it('what is no CSV is told with its line', async () => {
  await expect(recordsOf('a,b\n"open,2\n')).rejects.toThrow('line 3: the file ends within quotes.');
  await expect(recordsOf('a\n"x"y\n')).rejects.toThrow('line 2: a quoted field goes on behind its closing quote.');
  await expect(recordsOf(Buffer.from([0x61, 0x0a, 0xff, 0x0a]))).rejects.toThrow('is not UTF-8');
  await expect(recordsOf(`"${'x'.repeat(1_100_000)}`, ',', 65_536)).rejects.toThrow('line 1: a record is longer than 1 MiB');
  await expect(recordsOf(','.repeat(600), ',', 1000)).rejects.toThrow('more than 500 fields');
});

const field = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed());

it('what the export writes is read as it was, wherever the file is cut into parts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      async (rows, bytes) => {
        const text = rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
        // A byte order mark at the very beginning is none of the first field's.
        fc.pre(!text.startsWith('\uFEFF'));
        const read = await recordsOf(text, ',', bytes);
        expect(read).toEqual(rows.map((row) => row.map((each) => (/^[=+\-@\t\r\n＝＋－＠]/.test(each) ? `'${each}` : each))));
      },
    ),
  );
});
