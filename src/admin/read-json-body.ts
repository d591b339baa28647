import { failure, success, type Result } from '../std/result.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { HttpRequest } from '../http/server-connection.ts';

/** An endpoint with a thousand models fits, and a long conversation of the page. */
const largestBytes = 4 * 1024 * 1024;

export async function readWholeBody(request: HttpRequest): Promise<Result<Uint8Array, Fault>> {
  const body = await request.readBody(largestBytes);
  if (body.ok) return body;
  if (body.failure === 'too-large') return failure({ code: 'request_too_large', detail: `The body is larger than ${largestBytes} bytes.` });
  return failure({ code: body.failure === 'gone' ? 'client_closed' : 'bad_http' });
}

/** The body as a JSON value; an absent one stands for an empty object. */
export async function readJsonBody(request: HttpRequest): Promise<Result<unknown, Fault>> {
  const body = await readWholeBody(request);
  if (!body.ok) return body;
  if (body.value.length === 0) return success({});
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body.value));
    return success(value);
  } catch {
    return failure({ code: 'invalid_json' });
  }
}
