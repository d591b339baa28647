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
const point = 0x2e;
/** So many digits are surely a whole number that no rounding touches, and what it is divided by another. */
const surelyExactDigits = 15;
const powersOfTen = Array.from({ length: surelyExactDigits + 1 }, (_, power) => 10 ** power);

/** Reads the fields of lines within a longer text, first to last, without cutting the lines out of it. */
export class FieldReader {
  readonly #text: string;
  /** Whether the text has any escape at all, which few have and one search tells for all lines. */
  readonly #isEscaped: boolean;
  #end = 0;
  #at = 0;
  /** Whether a field was asked for that the line does not have. */
  isShort = false;

  constructor(text: string) {
    this.#text = text;
    this.#isEscaped = text.includes('\\');
  }

  /** Goes on with the line from `start` to before `end`. */
  begin(start: number, end: number): void {
    this.#at = start;
    this.#end = end;
    this.isShort = false;
  }

  /** A first field of one character, which all lines of this form have. */
  kind(): string | undefined {
    const start = this.#at;
    if (this.#text.charCodeAt(start + 1) !== tab) return undefined;
    this.#at = start + 2;
    return this.#text[start];
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

  /** A field that is mostly `usual`, which it then is itself: neither cut out nor compared by who gets it. */
  word(usual: string): string {
    const text = this.#text;
    const start = this.#at;
    const end = start + usual.length;
    if (end >= this.#end || text.charCodeAt(end) !== tab) return this.text();
    for (let index = 0; index < usual.length; index += 1) if (text.charCodeAt(start + index) !== usual.charCodeAt(index)) return this.text();
    this.#at = end + 1;
    return usual;
  }

  /** What `Number` makes of a field; digit by digit where it has so few that no rounding touches them, as nearly all have. */
  number(): number {
    const text = this.#text;
    const start = this.#at;
    const most = Math.min(this.#end - 1, start + surelyExactDigits + 1);
    let value = 0;
    let pointAt = -1;
    for (let at = start; at <= most; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= zero && code <= nine) value = value * 10 + (code - zero);
      else if (code === point && pointAt === -1 && at > start) pointAt = at;
      else if (code === tab && (pointAt !== -1 || at - start <= surelyExactDigits)) {
        this.#at = at + 1;
        return pointAt === -1 ? value : value / (powersOfTen[at - pointAt - 1] ?? 1);
      } else break;
    }
    return Number(this.text());
  }

  /** A number, or null where nothing stands: what is no number is as unknown as what is not there. */
  amount(): number | null {
    if (this.#text.charCodeAt(this.#at) === tab && this.#at < this.#end) {
      this.#at += 1;
      return null;
    }
    const value = this.number();
    return Number.isFinite(value) ? value : null;
  }

  /** Whether the field is this character alone, which is skipped then. */
  isMark(mark: string): boolean {
    const at = this.#at;
    if (at + 1 >= this.#end || this.#text[at] !== mark || this.#text.charCodeAt(at + 1) !== tab) return false;
    this.#at = at + 2;
    return true;
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
