/** Why an exchange over a connection failed, as a code of ours; errors of the system keep their own codes. */
export type HttpErrorCode = 'HTTP_RESPONSE_MALFORMED' | 'HTTP_RESPONSE_HEAD_TOO_LARGE' | 'HTTP_CLOSED_EARLY' | 'HTTP_ABANDONED';

export class HttpError extends Error {
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode, what: string) {
    super(what);
    this.name = 'HttpError';
    this.code = code;
  }
}
