/** One error that a client can see. */
export interface ErrorEntry {
  readonly status: number;
  readonly type: 'invalid_request_error' | 'authentication_error' | 'permission_error' | 'rate_limit_error' | 'insufficient_quota' | 'server_error';
  /** Becomes `x-should-retry`: whether an SDK that sends the same request again has a fair chance. */
  readonly retryable: boolean;
  readonly cause: string;
  readonly whatToDo: string;
}
