import type { IncomingMessage } from 'node:http';
import type { Fault } from '../std/error-catalogue.ts';
import { failure, success, type Result } from '../std/result.ts';

/** Collects a request's body up to a limit. A longer one is refused as soon as that is known, without reading it. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Result<Uint8Array, Fault>> {
  const tooLarge: Fault = { code: 'request_too_large', detail: `The body is larger than ${limitBytes} bytes.` };
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.resolve(failure(tooLarge));
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > limitBytes) {
        request.pause();
        resolve(failure(tooLarge));
        return;
      }
      parts.push(part);
    });
    request.on('end', () => resolve(success(Buffer.concat(parts))));
    request.on('error', () => resolve(failure({ code: 'client_closed' })));
    request.on('close', () => resolve(failure({ code: 'client_closed' })));
  });
}
