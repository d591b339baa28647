import { errorCatalogue, faultMessage, type ErrorCode, type Fault } from '../../std/error-catalogue.ts';

/** Anthropic's words for what went wrong, where the status does not settle it. */
const typesByCode: Partial<Readonly<Record<ErrorCode, string>>> = {
  overloaded: 'overloaded_error',
  draining: 'overloaded_error',
  upstream_timeout: 'timeout_error',
  request_timeout: 'timeout_error',
  idempotency_in_progress: 'conflict_error',
  request_too_large: 'request_too_large',
};

/** The same by status, as the published list of errors pairs them. */
const typesByStatus: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
};

/**
 * An error as Anthropic's API writes it. Our own code stands in `details`, where the SDK looks for one. The status
 * stays that of the catalogue, also where Anthropic has a number of its own (529): proxies know no such status.
 */
export function messagesErrorBody(fault: Fault, requestId: string | undefined): string {
  const { status } = errorCatalogue[fault.code];
  const type = typesByCode[fault.code] ?? typesByStatus[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const details = { error_code: fault.code, ...(fault.param === undefined ? {} : { param: fault.param }) };
  return JSON.stringify({ type: 'error', error: { type, message: faultMessage(fault), details }, request_id: requestId ?? null });
}
