import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTable } from './format-table.ts';

test('columns are aligned, and numbers stand at the right', () => {
  expect(
    formatTable(
      [{ title: 'ID' }, { title: 'N', align: 'right' }],
      [
        ['a', '1'],
        ['longer', '100'],
      ],
    ),
  ).toBe('ID        N\na         1\nlonger  100\n');
});

test('a table never exceeds 100 columns where its columns may be cut, and says what is cut', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 200 });
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 5 }), (rows) => {
      const lines = formatTable(
        [
          { title: 'A', least: 10 },
          { title: 'B', least: 10 },
          { title: 'C', least: 10 },
        ],
        rows,
      ).split('\n');
      expect(lines).toHaveLength(rows.length + 2);
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(100);
    }),
  );
  expect(formatTable([{ title: 'A', least: 5 }], [['x'.repeat(300)]])).toContain(`${'x'.repeat(99)}…`);
});

test('a cell cannot start a line or a terminal command of its own', () => {
  expect(formatTable([{ title: 'A' }], [['x\ny\x1b[2J']])).toBe('A\nx y\ufffd[2J\n');
});
