import { hasStrayControl, listsToken, malformed, parseFieldLines, type Fields, type HeadFault } from './field-lines.ts';
import { responseBodyLength, type BodyLength } from './body-length.ts';
import { success, type Result } from '../std/result.ts';

export interface ResponseHead {
  readonly status: number;
  readonly fields: Fields;
  readonly body: BodyLength;
  /** Whether the connection may carry another request after this response. */
  readonly keepsAlive: boolean;
}

/** RFC 9112 §4 (a class that nobody knows is for the caller to judge, RFC 9110 §15), where the space before an empty reason may be missing, as it is in the answers of some servers. */
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** What nearly all responses begin with, and what the pattern finds in it. */
const usualBeginning = 'HTTP/1.1 200 OK\r\n';
const usualParts = ['HTTP/1.1 200 OK', '1', '200'] as const;

/** Reads a response's head: its lines as Latin-1 text, without the blank line at the end. */
export function parseResponseHead(text: string): Result<ResponseHead, HeadFault> {
  if (hasStrayControl(text)) return malformed('a control character in the head');
  const found = text.indexOf('\r\n');
  const lineEnd = found < 0 ? text.length : found;
  const [, minor, digits] = text.startsWith(usualBeginning) ? usualParts : (statusLine.exec(text.slice(0, lineEnd)) ?? []);
  if (digits === undefined) return malformed('a status line that is none');
  const status = Number(digits);
  // Nobody asked to switch protocols, so what follows can be read by no rule.
  if (status === 101) return malformed('a switch of protocols that nobody asked for');
  // HTTP/1.0 knows no interim responses (RFC 9110 §15.2): to its other readers this one is final.
  if (status < 200 && minor === '0') return malformed('an interim response in HTTP/1.0');
  const fields = parseFieldLines(text, lineEnd + 2);
  if (!fields.ok) return fields;
  const version = minor === '1' ? '1.1' : '1.0';
  const body = responseBodyLength(fields.value, version, status);
  if (!body.ok) return body;
  const keepsAlive = version === '1.1' && body.value.kind !== 'until-end' && !listsToken(fields.value['connection'], 'close');
  return success({ status, fields: fields.value, body: body.value, keepsAlive });
}
