import fc from 'fast-check';

/** For tests: a JSON text with free white space, escapes and number spellings, and what JSON.parse makes of it. */
export function jsonText(root: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 4 })): fc.Arbitrary<{ text: string; value: unknown }> {
  return fc.tuple(root, fc.infiniteStream(fc.nat(11))).map(([value, choices]) => {
    const text = write(value, () => Number(choices.next().value));
    const parsed: unknown = JSON.parse(text);
    return { text, value: parsed };
  });
}

/** An object at the top, as a request body is. */
export function jsonObjectText(): fc.Arbitrary<{ text: string; value: unknown }> {
  const name = fc.oneof(fc.constantFrom('model', 'messages', 'stream', '__proto__', 'a"b', 'é\n'), fc.string({ unit: 'grapheme' }));
  return jsonText(
    fc.uniqueArray(fc.tuple(name, fc.jsonValue({ maxDepth: 3 })), { selector: ([key]) => key, maxLength: 20 }).map((entries) => new Map(entries)),
  );
}

const SPACES = ['', '', '', '', '', '', ' ', '  ', '\n', '\r\n', '\t', ' \n\t '];

function write(value: unknown, choose: () => number): string {
  const space = (): string => SPACES[choose()] ?? '';
  if (value instanceof Map || (typeof value === 'object' && value !== null && !Array.isArray(value))) {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    const members = entries.map(([key, member]) => `${space()}${quote(String(key), choose)}${space()}:${write(member, choose)}`);
    return `${space()}{${members.join(',')}${space()}}${space()}`;
  }
  if (Array.isArray(value)) {
    return `${space()}[${value.map((item) => write(item, choose)).join(',')}${space()}]${space()}`;
  }
  if (typeof value === 'string') return `${space()}${quote(value, choose)}${space()}`;
  const plain = JSON.stringify(value);
  return `${space()}${typeof value === 'number' && choose() > 9 && !plain.includes('e') ? `${plain}E+0` : plain}${space()}`;
}

function quote(text: string, choose: () => number): string {
  if (choose() > 3) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, index) => {
    const unit = text.charAt(index);
    if (choose() > 5 && !/[\ud800-\udfff]/.test(unit)) return JSON.stringify(unit).slice(1, -1);
    return `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
  });
  return `"${units.join('')}"`;
}
