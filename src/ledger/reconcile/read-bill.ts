import type { BillFormat } from './bill-format.ts';
import { CsvProblem, readCsv } from './read-csv.ts';

/** One line of a vendor's file. */
export interface BillLine {
  /** Of UTC. */
  readonly day: string;
  readonly model: string;
  readonly keyId: string;
  readonly requestId: string | undefined;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Undefined where the file tells tokens only. */
  readonly usd: number | undefined;
}

/** The lines of a vendor's CSV file. Throws a `CsvProblem` that says which line is wrong, and how. */
export async function* readBill(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, format: BillFormat): AsyncGenerator<BillLine> {
  let columns: Columns | undefined;
  let number = 0;
  for await (const fields of readCsv(parts)) {
    number += 1;
    if (columns === undefined) columns = columnsOf(fields, format);
    else yield lineOf(fields, columns, number);
  }
  if (columns === undefined) throw new CsvProblem(1, 'the file is empty.');
}

interface Columns {
  readonly time: number;
  readonly model: number;
  readonly key: number | undefined;
  readonly request: number | undefined;
  readonly input: readonly number[];
  readonly cached: readonly number[];
  readonly output: readonly number[];
  readonly usd: readonly number[];
}

function columnsOf(header: readonly string[], format: BillFormat): Columns {
  const names = header.map((name) => name.trim().toLowerCase());
  const at = (name: string): number => {
    const index = names.indexOf(name.toLowerCase());
    if (index !== -1) return index;
    throw new CsvProblem(1, `there is no column \`${name}\`. The file has ${header.slice(0, 50).join(', ')}: name the right ones, as in input=NAME.`);
  };
  const perhaps = (name: string | undefined): number | undefined => (name === undefined ? undefined : at(name));
  return {
    time: at(format.time),
    model: at(format.model),
    key: perhaps(format.key),
    request: perhaps(format.request),
    input: format.input.map(at),
    cached: format.cached.map(at),
    output: format.output.map(at),
    usd: format.usd.map(at),
  };
}

function lineOf(fields: readonly string[], columns: Columns, number: number): BillLine {
  const textAt = (index: number): string => (fields[index] ?? '').trim();
  const sumOf = (indexes: readonly number[], what: string): number => indexes.reduce((sum, index) => sum + amountOf(textAt(index), what, number), 0);
  return {
    day: dayOf(textAt(columns.time), number),
    model: textAt(columns.model),
    keyId: columns.key === undefined ? '' : textAt(columns.key),
    requestId: columns.request === undefined ? undefined : textAt(columns.request),
    inputTokens: sumOf(columns.input, 'input tokens'),
    cachedInputTokens: sumOf(columns.cached, 'cached tokens'),
    outputTokens: sumOf(columns.output, 'output tokens'),
    usd: columns.usd.length === 0 || columns.usd.every((index) => textAt(index) === '') ? undefined : sumOf(columns.usd, 'money'),
  };
}

/** An empty field is nothing; thousands may be apart by commas, and money may stand behind its sign. */
function amountOf(text: string, what: string, number: number): number {
  if (text === '') return 0;
  const amount = /^\$?\d{1,3}(,\d{3})+(\.\d+)?$|^\$?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text.replaceAll(/[$,]/g, '')) : Number.NaN;
  if (Number.isFinite(amount)) return amount;
  throw new CsvProblem(number, `\`${text.slice(0, 40)}\` is no amount of ${what}.`);
}

function dayOf(text: string, number: number): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  // Seconds of the Unix epoch, or a moment with its offset.
  const wallMs = /^\d{9,11}$/.test(text) ? Number(text) * 1000 : /^\d{4}-\d{2}-\d{2}[T ]/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(wallMs)) return new Date(wallMs).toISOString().slice(0, 10);
  throw new CsvProblem(number, `\`${text.slice(0, 40)}\` is no day, no moment (2026-11-25T13:00:00Z) and no seconds of the Unix epoch.`);
}
