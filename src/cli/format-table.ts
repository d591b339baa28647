import { printableText } from './printable-text.ts';

export interface TableColumn {
  readonly title: string;
  readonly align?: 'right';
  /** Columns that may be cut to fit the width keep at least this many characters. */
  readonly least?: number;
}

/** Fits a terminal beside another window, and an e-mail. */
const tableWidth = 100;
const gap = '  ';

/** An aligned table without lines, at most 100 columns wide: the widest columns that have a `least` are cut first. */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((_, index) => printableText(row[index] ?? '').replaceAll(/\s+/g, ' ')));
  const widths = columns.map(({ title }, index) => Math.max(title.length, ...cells.map((row) => [...(row[index] ?? '')].length)));
  while (total(widths) > tableWidth) {
    const widest = widestToCut(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, index) => pad(row[index] ?? '', widths[index] ?? 0, align))
      .join(gap)
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)].map((text) => `${text}\n`).join('');
}

function widestToCut(columns: readonly TableColumn[], widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  for (const [index, { least }] of columns.entries()) {
    const width = widths[index] ?? 0;
    if (least !== undefined && width > least && (widest === undefined || width > (widths[widest] ?? 0))) widest = index;
  }
  return widest;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  const characters = [...text];
  const cut = characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : text;
  const space = ' '.repeat(Math.max(0, width - characters.length));
  return align === 'right' ? space + cut : cut + space;
}
