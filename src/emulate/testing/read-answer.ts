import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { EndpointAddress } from '../../fleet/endpoint.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `whole`: the framing ended properly. `cut`: it did not. */
  readonly end: 'whole' | 'cut';
}

export interface RawRequest {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Called with the text so far whenever more has come. */
  readonly onText?: (text: string) => void;
}

/** Sends one request on a connection of its own, to a port or a Unix socket; rejects where no answer began. */
export function readAnswer(address: EndpointAddress, asked: RawRequest): Promise<RawAnswer> {
  const target =
    address.kind === 'socket' ? { socketPath: address.socketPath } : { host: new URL(address.origin).hostname, port: new URL(address.origin).port };
  return new Promise((resolve, reject) => {
    const body = asked.body ?? '';
    let begun = false;
    const outgoing = httpRequest(
      {
        ...target,
        path: asked.path,
        method: asked.method ?? 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', ...(body === '' ? {} : { 'content-length': Buffer.byteLength(body) }), ...asked.headers },
        ...(asked.signal === undefined ? {} : { signal: asked.signal }),
      },
      (response) => {
        begun = true;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          asked.onText?.(text);
        });
        const done = (end: 'whole' | 'cut'): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, end });
        response.on('end', () => done(response.complete ? 'whole' : 'cut'));
        response.on('error', () => done('cut'));
        response.on('close', () => done('cut'));
      },
    );
    // Once an answer has begun, its own events tell how it ended.
    outgoing.on('error', (error) => {
      if (!begun) reject(error);
    });
    outgoing.end(body);
  });
}
