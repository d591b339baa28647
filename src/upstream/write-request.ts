import type { Endpoint } from '../fleet/endpoint.ts';
import type { UpstreamRequest } from './transport.ts';

/** Neither a header's value nor a path may end its line early (RFC 9110 §5.5). */
const unsafe = /[^\t\x20-\x7e\x80-\xff]/;

/** A request as bytes, in one piece. Its head is built from nothing: no header of the client's goes upstream (S7). */
export function writeRequest(endpoint: Endpoint, request: UpstreamRequest): Buffer {
  const { address, key } = endpoint;
  const { body } = request;
  const host = address.kind === 'url' ? address.origin.slice(address.origin.indexOf('//') + 2) : 'localhost';
  let head = `${request.method} ${checked(`${address.basePath}${request.path}`)} HTTP/1.1\r\nhost: ${host}\r\n`;
  head += 'accept: application/json, text/event-stream\r\naccept-encoding: identity\r\nuser-agent: second-source\r\n';
  if (request.headers !== undefined) for (const [name, value] of Object.entries(request.headers)) head += `${name}: ${checked(value)}\r\n`;
  else if (key !== undefined) head += `authorization: Bearer ${checked(key)}\r\n`;
  if (request.attemptId !== undefined) head += `x-request-id: ${checked(request.attemptId)}\r\n`;
  if (body === undefined) return Buffer.from(`${head}\r\n`, 'latin1');
  head += `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 0, 'latin1');
  bytes.set(body, head.length);
  return bytes;
}

function checked(text: string): string {
  if (unsafe.test(text)) throw new TypeError('a header value or path contains a control character');
  return text;
}
