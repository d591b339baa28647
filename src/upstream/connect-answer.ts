import { failure, success, type Result } from '../std/result.ts';

/** Longest head of a proxy's answer: far more than any sends, little enough to hold. */
export const connectHeadBytes = 8192;

export type ConnectAnswer =
  | { readonly kind: 'more' }
  /** The tunnel stands. */
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly status: number };

/**
 * Reads what a proxy answers to `CONNECT`. Any 2xx opens the tunnel right behind the empty line, whatever the head says
 * of a length (RFC 9110 section 9.3.6); a byte behind it before the client spoke is not the endpoint's, and could be a
 * second answer that somebody smuggled in.
 */
export function readConnectAnswer(received: Uint8Array): Result<ConnectAnswer, string> {
  const text = Buffer.from(received.buffer, received.byteOffset, received.length).toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n');
  if (!'HTTP/1.'.startsWith(text.slice(0, 7))) return failure('its answer is not HTTP/1.1');
  if (headEnd < 0) return received.length > connectHeadBytes ? failure(`its answer is over ${connectHeadBytes} bytes`) : success({ kind: 'more' });
  if (headEnd > connectHeadBytes) return failure(`its answer is over ${connectHeadBytes} bytes`);
  const [statusLine = '', ...fields] = text.slice(0, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(statusLine)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) return failure('its answer has no valid status line');
  if (!fields.every((field) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/.test(field)))
    return failure('its answer has a header that is none');
  if (status < 200) return failure('its answer is only an interim one');
  if (status >= 300) return success({ kind: 'refused', status });
  return headEnd + 4 === text.length ? success({ kind: 'open' }) : failure('it sent bytes behind its answer');
}
