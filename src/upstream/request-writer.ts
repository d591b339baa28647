import type { Endpoint } from '../fleet/endpoint.ts';
import type { UpstreamRequest } from './transport.ts';

/** Neither a header's value nor a path may end its line early (RFC 9110 §5.5). */
const unsafe = /[^\t\x20-\x7e\x80-\xff]/;

/** What all requests of a kind begin with, and what it was made of. */
interface Beginning {
  readonly address: Endpoint['address'];
  readonly key: string | undefined;
  readonly method: UpstreamRequest['method'];
  readonly path: string;
  readonly headers: UpstreamRequest['headers'];
  readonly text: string;
}

/**
 * Writes requests as bytes, each in one piece. Their heads are built from nothing: no header of the client's goes
 * upstream (S7). One request after another goes to the same place with the same key, so what they begin with is made
 * and checked once.
 */
export class RequestWriter {
  #last: Beginning | undefined;

  write(endpoint: Pick<Endpoint, 'address' | 'key'>, request: UpstreamRequest): Buffer {
    const { body } = request;
    let head = this.#beginning(endpoint, request);
    if (request.attemptId !== undefined) head += `x-request-id: ${checked(request.attemptId)}\r\n`;
    if (body === undefined) return Buffer.from(`${head}\r\n`, 'latin1');
    head += `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    bytes.write(head, 0, 'latin1');
    bytes.set(body, head.length);
    return bytes;
  }

  #beginning({ address, key }: Pick<Endpoint, 'address' | 'key'>, { method, path, headers }: UpstreamRequest): string {
    const last = this.#last;
    const isSame =
      last !== undefined && last.address === address && last.key === key && last.method === method && last.path === path && last.headers === headers;
    if (isSame) return last.text;
    const text = beginningOf({ address, key, method, path, headers });
    this.#last = { address, key, method, path, headers, text };
    return text;
  }
}

function beginningOf({ address, key, method, path, headers }: Omit<Beginning, 'text'>): string {
  const host = address.kind === 'url' ? address.origin.slice(address.origin.indexOf('//') + 2) : 'localhost';
  let head = `${method} ${checked(`${address.basePath}${path}`)} HTTP/1.1\r\nhost: ${host}\r\n`;
  head += 'accept: application/json, text/event-stream\r\naccept-encoding: identity\r\nuser-agent: second-source\r\n';
  if (headers !== undefined) for (const [name, value] of Object.entries(headers)) head += `${name}: ${checked(value)}\r\n`;
  else if (key !== undefined) head += `authorization: Bearer ${checked(key)}\r\n`;
  return head;
}

function checked(text: string): string {
  if (unsafe.test(text)) throw new TypeError('a header value or path contains a control character');
  return text;
}
