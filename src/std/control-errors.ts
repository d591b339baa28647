import type { ErrorEntry } from './error-entry.ts';

/** The errors of the control API alone. */
export const controlErrors = {
  sign_in_needed: {
    status: 401,
    type: 'authentication_error',
    retryable: false,
    cause: 'The control API was asked by nobody that it knows.',
    whatToDo: 'Sign in on the control page, or send `Authorization: Bearer` with a control token (`sst_…`).',
  },
  sign_in_refused: {
    status: 401,
    type: 'authentication_error',
    retryable: false,
    cause: 'Name, password and code do not belong together.',
    whatToDo: 'Try again; `second-source users set-password` sets a new password.',
  },
  role_too_low: {
    status: 403,
    type: 'permission_error',
    retryable: false,
    cause: 'The role of whoever asks does not allow this.',
    whatToDo: 'Ask an admin of this gateway to do it, or for a higher role.',
  },
  no_such_entry: {
    status: 404,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'Nothing of this name exists.',
    whatToDo: 'List what there is with GET on the same path without the name.',
  },
  already_exists: {
    status: 409,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'Something of this name exists already.',
    whatToDo: 'Change what exists, or choose another name.',
  },
  version_changed: {
    status: 412,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'Somebody else changed the configuration after it was read.',
    whatToDo: 'Read it again, look at what changed, and send the change with the new `if-match`.',
  },
  config_refused: {
    status: 422,
    type: 'invalid_request_error',
    retryable: false,
    cause: 'The configuration would be wrong with this change, so nothing was changed.',
    whatToDo: 'Correct what the message names.',
  },
  sign_in_locked: {
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
    cause: 'Too many sign-ins failed for this name or from this address.',
    whatToDo: 'Wait as long as `retry-after` says.',
  },
  audit_unavailable: {
    status: 503,
    type: 'server_error',
    retryable: true,
    cause: 'The audit log cannot be written, and nothing is changed without its record.',
    whatToDo: 'The operator frees disk space or repairs the state directory.',
  },
} as const satisfies Record<string, ErrorEntry>;
