import type { Fault } from '../../std/error-catalogue.ts';
import { failure, success, type Result } from '../../std/result.ts';

/** Two headers of this name arrive joined by a comma and a space, which is no key either. */
const keyPattern = /^[\x21-\x7e]{1,255}$/;

/** The client's idempotency key, where it sent one. */
export function readIdempotencyKey(header: string | readonly string[] | undefined): Result<string | undefined, Fault> {
  if (header === undefined) return success(undefined);
  if (typeof header === 'string' && keyPattern.test(header)) return success(header);
  return failure({
    code: 'invalid_request',
    param: 'idempotency-key',
    detail: 'The header Idempotency-Key is not one word of 1 to 255 visible ASCII characters.',
  });
}
