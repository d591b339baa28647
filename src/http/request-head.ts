import { withField, hasStrayControl, malformed, parseFieldLines, type Fields, type HeadFault } from './field-lines.ts';
import { requestBodyLength, type BodyLength } from './body-length.ts';
import { success, type Result } from '../std/result.ts';

export interface RequestHead {
  readonly method: string;
  /** As it came; in origin form. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly fields: Fields;
  readonly body: BodyLength;
}

const methodPattern = /^[A-Z]{1,32}$/;
/** No fragment (RFC 9112 §3.2): readers differ in whether they cut it off. */
const targetPattern = /^\/[\x21\x22\x24-\x7e]*$/;
/** One of them twice means two things to two readers. */
const singleFields = ['host', 'authorization', 'content-type', 'expect'] as const;

/**
 * Reads a request's head: its lines as Latin-1 text, without the blank line at the end. Stricter than RFC 9112
 * wherever that lets a recipient choose, so that nobody in front of us can have read the request in another way
 * (security requirement S15).
 */
export function parseRequestHead(text: string): Result<RequestHead, HeadFault> {
  if (hasStrayControl(text)) return malformed('a control character in the head');
  const found = text.indexOf('\r\n');
  const lineEnd = found < 0 ? text.length : found;
  const line = requestLine(text.slice(0, lineEnd));
  if (!line.ok) return line;
  const { method, target, version } = line.value;
  const fields = parseFieldLines(text, lineEnd + 2);
  if (!fields.ok) return fields;
  const twice = singleFields.find((name) => typeof fields.value[name] === 'object');
  if (twice !== undefined) return malformed(`more than one ${twice} header`);
  const { host } = fields.value;
  if (host === undefined && version === '1.1') return malformed('no Host header');
  const body = requestBodyLength(fields.value, version);
  return body.ok ? success({ method, target, version, fields: fields.value, body: body.value }) : body;
}

function requestLine(line: string): Result<Pick<RequestHead, 'method' | 'target' | 'version'>, HeadFault> {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  const version = line.slice(second + 1);
  if (first < 0 || second < 0) return malformed('a request line that is none');
  if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') return malformed('a version other than HTTP/1.1 and HTTP/1.0');
  const method = line.slice(0, first);
  const target = line.slice(first + 1, second);
  // A tunnel has no path, and whoever stands in front of us might take any 2xx to this for one (RFC 9110 §9.3.6).
  if (method === 'CONNECT') return malformed('a tunnel asked for');
  if (!methodPattern.test(method)) return malformed('a method that is none');
  if (!targetPattern.test(target)) return malformed('a target that is not in origin form');
  return success({ method, target, version: version === 'HTTP/1.1' ? '1.1' : '1.0' });
}

/** Longer heads are not remembered, because connections are many. */
const rememberedCharacters = 2048;

/** The first head of a connection that told its body's length. */
interface FirstHead {
  readonly text: string;
  readonly head: RequestHead;
  readonly length: string;
}

/** A head as it was judged, and what stands before and behind the length of its body. */
interface JudgedHead {
  readonly head: RequestHead;
  readonly before: string;
  readonly after: string;
}

/**
 * Reads the heads of one connection. Whoever asks again mostly says the same, save how long the body is: of a head that
 * was judged before, only that is read.
 */
export class RequestHeads {
  #first: FirstHead | undefined;
  #judged: JudgedHead | undefined;

  read(text: string): Result<RequestHead, HeadFault> {
    const known = this.#known(text);
    if (known !== undefined) return success(known);
    const read = parseRequestHead(text);
    if (!read.ok || this.#first !== undefined || text.length > rememberedCharacters) return read;
    const length = read.value.fields['content-length'];
    if (typeof length === 'string') this.#first = { text, head: read.value, length };
    return read;
  }

  #known(text: string): RequestHead | undefined {
    if (this.#first === undefined) return undefined;
    this.#judged ??= judgedOf(this.#first);
    const { head, before, after } = this.#judged;
    const end = text.length - after.length;
    if (end <= before.length) return undefined;
    // Comparing parts takes a fraction of what `startsWith` does.
    if (text.slice(0, before.length) !== before || text.slice(end) !== after) return undefined;
    const length = text.slice(before.length, end);
    if (length === head.fields['content-length']) return head;
    const fields = withField(head.fields, 'content-length', length);
    const body = requestBodyLength(fields, head.version);
    return body.ok ? { ...head, fields, body: body.value } : undefined;
  }
}

/** The field is there once, and a line break stands before each field's name and nowhere else. */
function judgedOf({ text, head, length }: FirstHead): JudgedHead {
  const name = text.toLowerCase().indexOf('\r\ncontent-length:');
  const start = text.indexOf(length, text.indexOf(':', name));
  return { head, before: text.slice(0, start), after: text.slice(start + length.length) };
}
