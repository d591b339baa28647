import type { Deployment } from '../fleet/deployment.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

/** What the request and the part of its answer that was released say about going on elsewhere. */
export interface ReleasedAnswer {
  readonly route: 'chat' | 'completions' | 'embeddings';
  readonly choices: number;
  readonly hasTools: boolean;
  readonly hasStops: boolean;
  readonly responseFormat: 'text' | 'json_object' | 'json_schema';
  readonly logprobs: boolean;
  /** Whether the answer repeats the prompt or must fit before a suffix. */
  readonly framed: boolean;
  /** Whether the request itself ends with the assistant's text, which the answer continues. */
  readonly prefilled: boolean;
  /** A field beyond the published API that shapes the answer and that a raw continuation would not carry. */
  readonly uncarriedField: string | undefined;
  /** Whether anything but plain text was released (a tool call, reasoning by text, a refusal). */
  readonly beyondText: boolean;
  /** Whether the ids of the prompt and of every released character are known. */
  readonly idsComplete: boolean;
  /** Whether the released text ends within a character, as engines show that send half ones (U+FFFD). */
  readonly endsInHalfCharacter: boolean;
  /** Whether the next token of a sampled answer is determined: greedy, or a known seed. */
  readonly determined: boolean;
  readonly continuationsUsed: number;
  readonly continuationsAllowed: number;
  readonly lowest: LowestTier;
}

/** The least that a continuation must be for an answer, from the strictest on. */
export const lowestTiers = ['exact', 'token-ids', 'prefill', 'none'] as const;
export type LowestTier = (typeof lowestTiers)[number];

export type ContinuationTier =
  /** From the very ids. `exact`: the tokens that follow are those that the lost endpoint would have made. */
  | { readonly tier: 'token-ids'; readonly exact: boolean }
  /** From the released text, by an endpoint that declares that it continues one. */
  | { readonly tier: 'prefill' }
  | { readonly tier: 'none'; readonly why: string };

export interface Place {
  readonly endpoint: Endpoint;
  readonly deployment: Deployment;
}

function none(why: string): { readonly tier: 'none'; readonly why: string } {
  return { tier: 'none', why };
}

/**
 * Whether an answer that lost its endpoint may be continued on another, and how (DESIGN §4.4). The one place that
 * decides it; `docs/continuation.md` publishes the same table.
 */
export function continuationTier(answer: ReleasedAnswer, from: Place, to: Place): ContinuationTier {
  const barred = barredAnyhow(answer, from, to);
  if (barred !== undefined) return none(barred);
  const notByIds = barredByIds(answer, from, to);
  if (notByIds === undefined) {
    const exact = answer.determined && from.deployment.engineBuild !== undefined && from.deployment.engineBuild === to.deployment.engineBuild;
    if (exact || answer.lowest !== 'exact') return { tier: 'token-ids', exact };
    return none('only an exact continuation is wanted, and this one would be sampled or computed otherwise');
  }
  if (answer.lowest !== 'prefill') return none(notByIds);
  const notByText = barredByText(answer, to);
  return notByText === undefined ? { tier: 'prefill' } : none(`${notByIds}; ${notByText}`);
}

function barredAnyhow(answer: ReleasedAnswer, from: Place, to: Place): string | undefined {
  if (answer.lowest === 'none') return 'no continuation is wanted';
  if (answer.continuationsUsed >= answer.continuationsAllowed) return 'the answer was already continued as often as allowed';
  if (answer.choices !== 1) return 'several choices were asked for';
  if (answer.responseFormat !== 'text') return 'the answer must follow a JSON grammar whose state cannot be rebuilt';
  if (answer.logprobs) return 'log-probabilities were asked for';
  if (answer.framed) return 'the answer repeats the prompt or must fit before a suffix';
  if (answer.beyondText) return 'something other than plain text was released';
  if (from.deployment.weights === undefined || from.deployment.weights !== to.deployment.weights) return 'the weights are not known to be the same';
  return undefined;
}

function barredByIds(answer: ReleasedAnswer, from: Place, to: Place): string | undefined {
  // A raw completion would show a tool call as the text that the model writes it in.
  if (answer.hasTools) return 'the request offers tools, which a raw completion does not know';
  if (answer.uncarriedField !== undefined) return `the field \`${answer.uncarriedField}\` would not be carried along`;
  if (!answer.idsComplete) return 'the token ids of the released text are not known';
  if (!from.endpoint.tokenIds || !to.endpoint.tokenIds) return 'an endpoint does not speak token ids';
  if (answer.hasStops && from.endpoint.idsLeadText) return 'ids of text that was held back for a stop string may have been told';
  if (to.deployment.contextTokens === undefined) return 'the context of the other deployment is not known';
  return undefined;
}

function barredByText(answer: ReleasedAnswer, to: Place): string | undefined {
  if (answer.route !== 'chat') return 'only a chat can be continued from its text';
  if (to.endpoint.prefill === undefined) return 'the other endpoint does not declare that it continues a text';
  if (answer.prefilled) return 'the request itself ends with a text of the assistant’s';
  if (answer.endsInHalfCharacter) return 'the released text ends within a character';
  return undefined;
}
