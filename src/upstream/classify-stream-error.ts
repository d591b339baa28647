import { classifyStatus } from './classify-failure.ts';
import { noEffect, oneFailure } from '../fleet/health-effect.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { StreamError } from '../protocol/read-chunk.ts';

/** What an error event inside a 200 stream means: what its code would mean as a status (fault 61). */
export function classifyStreamError(error: StreamError): AttemptFailure {
  const what = 'an error event in the stream';
  const status = error.status ?? (error.type === 'invalid_request_error' ? 400 : undefined);
  if (status === undefined) return { class: 'upstream-fault', fault: { code: 'upstream_error' }, what, health: oneFailure };
  const body = JSON.stringify({ error: { code: error.code, type: error.type, message: error.message } });
  const told = classifyStatus(status, undefined, body);
  return { ...told, what: `${what}, ${told.what}`, health: told.class === 'client-fault' ? noEffect : told.health };
}
