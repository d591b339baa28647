/** Why a CSV file cannot be read, with the line at which it was noticed. */
export class CsvProblem extends Error {
  override readonly name = 'CsvProblem';

  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`);
  }
}

const mostFields = 500;
const longestRecord = 1_048_576;

/**
 * The records of a CSV file (RFC 4180, with any line end and any separator), one at a time however long the file is.
 * Empty lines are no records.
 */
export async function* readCsv(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, separator = ','): AsyncGenerator<readonly string[]> {
  // It leaves out a byte order mark.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = new RecordReader(separator);
  for await (const part of parts) yield* reader.push(decodeWith(reader, () => decoder.decode(part, { stream: true })));
  yield* reader.push(decodeWith(reader, () => decoder.decode()));
  yield* reader.end();
}

function decodeWith(reader: RecordReader, decode: () => string): string {
  try {
    return decode();
  } catch {
    throw new CsvProblem(reader.line, 'is not UTF-8. Save the file as UTF-8.');
  }
}

/** Where the reader stands: `quoted` within quotes, `closed` behind a quote that may end the field or begin a second one. */
type State = 'start' | 'plain' | 'quoted' | 'closed';

class RecordReader {
  line = 1;
  readonly #separator: string;
  #state: State = 'start';
  #field = '';
  #fields: string[] = [];
  #characters = 0;

  constructor(separator: string) {
    this.#separator = separator;
  }

  *push(text: string): Generator<readonly string[]> {
    for (const character of text) {
      if (character === '\n') this.line += 1;
      this.#characters += 1;
      if (this.#characters > longestRecord) throw new CsvProblem(this.line, 'a record is longer than 1 MiB: is a quote missing?');
      if (this.#take(character)) yield* this.#record();
    }
  }

  *end(): Generator<readonly string[]> {
    if (this.#state === 'quoted') throw new CsvProblem(this.line, 'the file ends within quotes.');
    if (this.#state !== 'start' || this.#fields.length > 0) {
      this.#endField();
      yield* this.#record();
    }
  }

  /** Whether a record is over with this character. */
  #take(character: string): boolean {
    if (this.#state === 'quoted') {
      if (character === '"') this.#state = 'closed';
      else this.#field += character;
      return false;
    }
    if (character === '"' && this.#state !== 'plain') {
      // A second quote right behind the closing one stands for a quote.
      if (this.#state === 'closed') this.#field += '"';
      this.#state = 'quoted';
      return false;
    }
    if (character === this.#separator) {
      this.#endField();
      return false;
    }
    if (character === '\n' || character === '\r') {
      // A line without anything in it is none.
      if (this.#state === 'start' && this.#fields.length === 0) return false;
      this.#endField();
      return true;
    }
    if (this.#state === 'closed') throw new CsvProblem(this.line, 'a quoted field goes on behind its closing quote.');
    this.#state = 'plain';
    this.#field += character;
    return false;
  }

  #endField(): void {
    this.#fields.push(this.#field);
    if (this.#fields.length > mostFields) throw new CsvProblem(this.line, `has more than ${mostFields} fields.`);
    this.#field = '';
    this.#state = 'start';
  }

  *#record(): Generator<readonly string[]> {
    const fields = this.#fields;
    this.#fields = [];
    this.#state = 'start';
    this.#characters = 0;
    yield fields;
  }
}
