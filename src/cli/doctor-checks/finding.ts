/**
 * `ok`: as OpenAI publishes it, or an extension that works. `deviates`: answered, otherwise than published.
 * `unsupported`: an extension that this endpoint does not have. `failed`: the check could not be carried to its end.
 */
export type FindingResult = 'ok' | 'deviates' | 'unsupported' | 'failed';

export interface Finding {
  readonly name: string;
  readonly result: FindingResult;
  /** Whether an endpoint with this finding cannot be used at all. */
  readonly fatal: boolean;
  /** What it means, in one sentence. */
  readonly what: string;
  readonly evidence: { readonly sent: string; readonly came: string };
}
