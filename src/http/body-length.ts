import { malformed, type Fields, type HeadFault } from './field-lines.ts';
import { success, type Result } from '../std/result.ts';

/** How a message's body is framed: so many bytes, in chunks, or until the connection ends (responses only). */
export type BodyLength = { readonly kind: 'bytes'; readonly bytes: number } | { readonly kind: 'chunked' } | { readonly kind: 'until-end' };

const none = success<BodyLength>({ kind: 'bytes', bytes: 0 });
const chunked = success<BodyLength>({ kind: 'chunked' });
const untilEnd = success<BodyLength>({ kind: 'until-end' });
/** Digits alone, and few enough that a number holds them exactly. */
const lengthPattern = /^\d{1,15}$/;

/**
 * What RFC 9112 §6.3 says of a request's body, save that whatever two readers could see differently is refused:
 * both framings at once, one of them twice, any coding but `chunked`, and a coding in HTTP/1.0.
 */
export function requestBodyLength(fields: Fields, version: '1.0' | '1.1'): Result<BodyLength, HeadFault> {
  const framed = framing(fields, version);
  if (!framed.ok) return framed;
  return framed.value === undefined ? none : success(framed.value);
}

/** The same for a response; one without any framing lasts until the connection ends. */
export function responseBodyLength(fields: Fields, version: '1.0' | '1.1', status: number): Result<BodyLength, HeadFault> {
  const framed = framing(fields, version);
  if (!framed.ok) return framed;
  // These have no body, whatever their head says of one (RFC 9112 §6.3).
  if (status < 200 || status === 204 || status === 304) return none;
  return framed.value === undefined ? untilEnd : success(framed.value);
}

function framing(fields: Fields, version: '1.0' | '1.1'): Result<BodyLength | undefined, HeadFault> {
  const coding = fields['transfer-encoding'];
  const length = fields['content-length'];
  if (coding !== undefined) {
    if (length !== undefined) return malformed('both Transfer-Encoding and Content-Length');
    if (version === '1.0') return malformed('Transfer-Encoding in HTTP/1.0');
    if (typeof coding !== 'string' || coding.toLowerCase() !== 'chunked') return malformed('a Transfer-Encoding other than chunked');
    return chunked;
  }
  if (length === undefined) return success(undefined);
  if (typeof length !== 'string') return malformed('more than one Content-Length');
  if (!lengthPattern.test(length)) return malformed('a Content-Length that is no plain number');
  return success({ kind: 'bytes', bytes: Number(length) });
}
