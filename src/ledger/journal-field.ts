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

/** The first `count` fields of a line and, behind them, its unread rest; undefined where it has fewer. */
export function splitFields(line: string, count: number): readonly string[] | undefined {
  const isEscaped = line.includes('\\');
  const fields: string[] = [];
  let start = 0;
  for (let index = 0; index < count; index += 1) {
    const end = line.indexOf(fieldSeparator, start);
    if (end === -1) return undefined;
    const field = line.slice(start, end);
    fields.push(isEscaped ? unescapeField(field) : field);
    start = end + 1;
  }
  fields.push(line.slice(start));
  return fields;
}

/** All fields of a text that has exactly `count` of them. */
export function readFields(text: string, count: number): readonly string[] | undefined {
  const fields = text.split(fieldSeparator);
  return fields.length === count ? fields.map(unescapeField) : undefined;
}
