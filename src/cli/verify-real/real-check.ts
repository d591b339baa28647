/**
 * `proven`: the endpoint did it through the gateway as the published API says. `failed`: it did not. `refused`: the
 * gateway does not offer it there, as the profile says. `unproven`: nothing was wrong, and nothing was shown.
 */
export type RealResult = 'proven' | 'failed' | 'refused' | 'unproven';

export interface RealFinding {
  readonly check: string;
  readonly result: RealResult;
  /** One sentence; statuses, codes, counts and reasons, never a text of the endpoint's. */
  readonly what: string;
  readonly tookMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export function judged(
  check: string,
  result: RealResult,
  what: string,
  from: { readonly tookMs: number; readonly usage?: Tokens | undefined },
): RealFinding {
  return { check, result, what, tookMs: Math.round(from.tookMs), inputTokens: from.usage?.input ?? 0, outputTokens: from.usage?.output ?? 0 };
}

export interface Tokens {
  readonly input: number;
  readonly output: number;
}
