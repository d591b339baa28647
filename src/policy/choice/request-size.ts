import type { Ask, RequestSize } from './ask.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { Price } from '../../fleet/deployment.ts';

export type SizedAsk = Pick<Ask, 'promptTokens' | 'maxTokens'>;

/** What an answer is taken to have where the request does not bound it, until it is known. */
const unsaidOutputTokens = 1024;

/** What a request counts with against shares when it is dispatched there: what it may come to, by what is known then. */
export function requestSize({ promptTokens, maxTokens }: SizedAsk, { deployment }: Candidate, price: Price | undefined): RequestSize {
  const outputTokens = maxTokens ?? unsaidOutputTokens;
  const mostTokens = maxTokens === undefined ? deployment.contextTokens : promptTokens + maxTokens;
  const usd = price && (promptTokens * price.inputUsdPerMtok + outputTokens * price.outputUsdPerMtok) / 1e6 + (price.usdPerRequest ?? 0);
  return { tokens: promptTokens + outputTokens, usd, mostTokens };
}
