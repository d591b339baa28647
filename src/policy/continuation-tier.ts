import type { Deployment } from '../fleet/deployment.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

/** What the request and the part of its answer that was released say about going on elsewhere. */
export interface ReleasedAnswer {
  readonly choices: number;
  readonly hasTools: boolean;
  readonly responseFormat: 'text' | 'json_object' | 'json_schema';
  readonly logprobs: boolean;
  /** Whether the answer repeats the prompt or must fit before a suffix. */
  readonly framed: boolean;
  /** A field beyond the published API that shapes the answer and that a continuation would not carry. */
  readonly uncarriedField: string | undefined;
  /** Whether anything but plain text was released (a tool call, reasoning by text, a refusal). */
  readonly beyondText: boolean;
  /** Whether the ids of the prompt and of every released character are known. */
  readonly idsComplete: boolean;
  /** Whether the next token of a sampled answer is determined: greedy, or a known seed. */
  readonly determined: boolean;
  readonly continuationsUsed: number;
  readonly continuationsAllowed: number;
}

export type ContinuationTier = { readonly tier: 'token-ids' } | { readonly tier: 'none'; readonly why: string };

function none(why: string): ContinuationTier {
  return { tier: 'none', why };
}

/**
 * Whether an answer that lost its endpoint may be continued on another, and how (DESIGN §4.4). The one place that
 * decides it; `docs/continuation.md` publishes the same table. Only the token-exact tier exists so far, so that
 * whatever is continued is the answer that the first endpoint would have given.
 */
export function continuationTier(
  answer: ReleasedAnswer,
  from: { readonly endpoint: Endpoint; readonly deployment: Deployment },
  to: { readonly endpoint: Endpoint; readonly deployment: Deployment },
): ContinuationTier {
  if (answer.continuationsUsed >= answer.continuationsAllowed) return none('the answer was already continued as often as allowed');
  if (answer.choices !== 1) return none('several choices were asked for');
  if (answer.hasTools) return none('the request offers tools, and a tool call is never continued');
  if (answer.responseFormat !== 'text') return none('the answer must follow a JSON grammar whose state cannot be rebuilt');
  if (answer.logprobs) return none('log-probabilities were asked for');
  if (answer.framed) return none('the answer repeats the prompt or must fit before a suffix');
  if (answer.uncarriedField !== undefined) return none(`the field \`${answer.uncarriedField}\` would not be carried along`);
  if (answer.beyondText) return none('something other than plain text was released');
  if (!answer.idsComplete) return none('the token ids of the released text are not known');
  if (!answer.determined) return none('the answer is sampled and its seed is not known');
  if (!from.endpoint.tokenIds || !to.endpoint.tokenIds) return none('an endpoint does not speak token ids');
  if (from.deployment.weights === undefined || from.deployment.weights !== to.deployment.weights)
    return none('the weights are not known to be the same');
  if (from.deployment.engineBuild === undefined || from.deployment.engineBuild !== to.deployment.engineBuild)
    return none('the engine builds are not known to be the same');
  if (to.deployment.contextTokens === undefined) return none('the context of the other deployment is not known');
  return { tier: 'token-ids' };
}
