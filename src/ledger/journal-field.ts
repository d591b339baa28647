// The journal's lines are fields between tabs, so that writing one is a concatenation and reading one a search for tabs.

export const fieldSeparator = '\t';

const special = /[\t\n\\]/;
const everySpecial = /[\t\n\\]/g;
const everyEscape = /\\([tn\\])/g;

/** A field in which no tab or newline is left. */
export function escapeField(text: string): string {
  if (!special.test(text)) return text;
  return text.replace(everySpecial, (character) => (character === '\t' ? '\\t' : character === '\n' ? '\\n' : '\\\\'));
}

function unescapeField(text: string): string {
  return text.replace(everyEscape, (_, character) => (character === 't' ? '\t' : character === 'n' ? '\n' : '\\'));
}

export function joinFields(fields: readonly string[]): string {
  return fields.map(escapeField).join(fieldSeparator);
}

const tab = 0x09;
const zero = 0x30;
const nine = 0x39;
/** So many digits are surely a whole number that no rounding touches. */
const surelyExactDigits = 15;

/** Reads the fields of one line within a longer text, first to last, without cutting the line out of it. */
export class FieldReader {
  readonly #text: string;
  readonly #end: number;
  readonly #isEscaped: boolean;
  #at: number;
  /** Whether a field was asked for that the line does not have. */
  isShort = false;

  /** `isEscaped`: whether the text has any escape at all, which few have and one search tells for all lines. */
  constructor(text: string, isEscaped: boolean, start: number, end: number) {
    this.#text = text;
    this.#isEscaped = isEscaped;
    this.#at = start;
    this.#end = end;
  }

  /** A field that another follows. */
  text(): string {
    const start = this.#at;
    const end = this.#text.indexOf(fieldSeparator, start);
    if (end === -1 || end >= this.#end) {
      this.isShort = true;
      return '';
    }
    this.#at = end + 1;
    const field = this.#text.slice(start, end);
    return this.#isEscaped ? unescapeField(field) : field;
  }

  /** What `Number` makes of a field; digit by digit where it is a whole number, as nearly all are. */
  number(): number {
    const text = this.#text;
    const most = Math.min(this.#end, this.#at + surelyExactDigits);
    let value = 0;
    for (let at = this.#at; at <= most; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= zero && code <= nine) value = value * 10 + (code - zero);
      else if (code === tab && at < this.#end) {
        this.#at = at + 1;
        return value;
      } else break;
    }
    return Number(this.text());
  }

  /** All that is left of the line, as it stands there. */
  rest(): string {
    return this.#text.slice(this.#at, this.#end);
  }
}

/** All fields of a text that has exactly `count` of them. */
export function readFields(text: string, count: number): readonly string[] | undefined {
  const fields = text.split(fieldSeparator);
  return fields.length === count ? fields.map(unescapeField) : undefined;
}
