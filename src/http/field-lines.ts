import { failure, success, type Result } from '../std/result.ts';

/** A message's header fields, by name in lower case; a name that came more than once has all its values in order. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Objects without a prototype that share their hidden classes, as those of `Object.create(null)` do not: messages have
 * the same names in the same order again and again.
 */
class OwnFields {
  [name: string]: string | string[] | undefined;
}
Object.setPrototypeOf(OwnFields.prototype, null);
Reflect.deleteProperty(OwnFields.prototype, 'constructor');

/** Why a head cannot be understood in one way only. */
export interface HeadFault {
  readonly kind: 'malformed' | 'too-large';
  readonly what: string;
}

/** More fields than this are no honest message's. */
const mostFields = 128;
/** Names that were judged before, as they came and in lower case: most messages have the same few. */
const judgedNames = new Map<string, string>();
const judgedNamesKept = 512;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function malformed(what: string): { readonly ok: false; readonly failure: HeadFault } {
  return failure({ kind: 'malformed', what });
}

/**
 * Whether a head, read as Latin-1, has a byte in it that no head may have (RFC 9110 §5.5, RFC 9112 §2.2): a control
 * character, or a CR without its LF or an LF without its CR, which two readers could split differently.
 */
export function hasStrayControl(head: string): boolean {
  for (let at = 0; at < head.length; at += 1) {
    const code = head.charCodeAt(at);
    if ((code >= 0x20 && code !== 0x7f) || code === 0x09) continue;
    if (code !== 0x0d || head.charCodeAt(at + 1) !== 0x0a) return true;
    at += 1;
  }
  return false;
}

/** Whether the beginning of a head may yet become one: what cannot is refused at once, and not when its time is over. */
export function mayBecomeHead(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  // A CR at the end may yet get its LF.
  return !hasStrayControl(text.endsWith('\r') ? text.slice(0, -1) : text);
}

/**
 * Reads field lines (RFC 9112 §5) from `start` to the end of `text`, which `hasStrayControl` has cleared: lines end
 * with CRLF, the last one's may be left out. Folded lines, and names with anything but token characters before the
 * colon, are refused rather than repaired: readers differ in how they would repair them.
 */
export function parseFieldLines(text: string, start: number): Result<Fields, HeadFault> {
  const fields = new OwnFields();
  let count = 0;
  for (let at = start; at < text.length;) {
    const found = text.indexOf('\r\n', at);
    const end = found < 0 ? text.length : found;
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon >= end) return malformed('a header line without a colon');
    const name = fieldName(text.slice(at, colon));
    if (name === undefined) return malformed('a header name that is none');
    count += 1;
    if (count > mostFields) return failure({ kind: 'too-large', what: `more than ${mostFields} header fields` });
    const value = trimmed(text, colon + 1, end);
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else if (typeof known === 'string') fields[name] = [known, value];
    else known.push(value);
    at = end + 2;
  }
  return success(fields);
}

/** The same fields with one that they have said otherwise. */
export function withField(fields: Fields, name: string, value: string): Fields {
  const copy = Object.assign(new OwnFields(), fields);
  copy[name] = value;
  return copy;
}

function fieldName(given: string): string | undefined {
  const known = judgedNames.get(given);
  if (known !== undefined) return known;
  if (!token.test(given)) return undefined;
  const name = given.toLowerCase();
  if (judgedNames.size < judgedNamesKept) judgedNames.set(given, name);
  return name;
}

/** Without the spaces and tabs around it, which are no part of a value (RFC 9110 §5.5). */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Whether a list-valued field, however often it came, names a token (RFC 9110 §5.6.1), without regard to case. */
export function listsToken(value: Fields[string], name: string): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'string') return value.some((one) => listsToken(one, name));
  if (value.length < name.length) return false;
  return value
    .toLowerCase()
    .split(',')
    .some((part) => part.trim() === name);
}
