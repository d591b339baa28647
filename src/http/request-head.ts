import { hasStrayControl, malformed, parseFieldLines, type Fields, type HeadFault } from './field-lines.ts';
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
