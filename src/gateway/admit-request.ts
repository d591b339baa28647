import { boundAnswer } from './bound-answer.ts';
import { failure, success, type Result } from '../std/result.ts';
import { dearestOf, mostInputTokens, worstCase, type Size } from '../budget/worst-case.ts';
import { servedTerms, type ServedTerms } from './served-terms.ts';
import { reservedTokens } from '../upstream/reserved-tokens.ts';
import type { LimitKeeper, Reserved } from '../budget/limit-keeper.ts';
import type { LimitKinds } from '../budget/limits.ts';
import type { Refusal } from '../budget/reservation.ts';
import type { RelayDependencies, RelayRequest } from '../upstream/relay-request.ts';

/** The limits of this gateway, and what is assumed of a request that does not say how large it is. */
export interface LimitDesk {
  readonly keeper: LimitKeeper;
  readonly answerTokens: number;
  readonly mediaTokens: number;
}

/** A request that holds what it may use at most. */
export type HeldRequest = RelayRequest & { readonly reservation: NonNullable<RelayRequest['reservation']> };
export type Admitted = Result<HeldRequest, Refusal>;

/** A text of characters that were counted as tokens (`estimateTokens`). */
const charactersPerToken = 3;
/** Where no budget of a kind applies, a charge has no bound of that kind either. */
const noBudget = Number.POSITIVE_INFINITY;
/** What OpenAI's API says a raw completion has where nothing else is asked. */
const rawAnswerTokens = 16;

/** Of a request whose budgets have no say. */
const noTerms = { dearest: dearestOf([]), leastContext: 0, largestContext: 0 };

/**
 * Station ①, second half: works out the most that a request can use and be charged, and reserves it at every level at
 * once. Whoever has no limit does not come here. A promise only where another process keeps the limits.
 */
export function admitRequest(
  relay: Pick<RelayDependencies, 'fleet' | 'prices'>,
  desk: LimitDesk,
  kinds: LimitKinds,
  given: RelayRequest,
): Admitted | Promise<Admitted> {
  const terms = kinds.budget ? servedTerms(relay, given.demand) : noTerms;
  const { request, mostOutputTokens } = kinds.budget ? bounded(desk, terms, given) : { request: given, mostOutputTokens: 0 };
  const dearest = kinds.money ? terms.dearest : noTerms.dearest;
  if (dearest === undefined) return failure({ fault: { code: 'price_unknown' }, standing: undefined });
  const rateTokens = reservedTokens(request);
  const most = worstCase({ ...sizeOf(request), mostOutputTokens, rateTokens }, desk.mediaTokens, dearest);
  const need = { mostTokens: kinds.budget ? most.mostTokens : noBudget, mostNanoUsd: kinds.money ? most.mostNanoUsd : noBudget, rateTokens };
  const capPrice = kinds.money ? relay.prices?.cap : undefined;
  const admitted = (reserved: Reserved): Admitted => (reserved.ok ? success({ ...request, capPrice, reservation: reserved.value }) : reserved);
  const reserved = desk.keeper.reserve(request, request.requestId, need);
  return reserved instanceof Promise ? reserved.then(admitted) : admitted(reserved);
}

function sizeOf({ body, estimatedInputTokens, mediaParts = 0 }: RelayRequest): Pick<Size, 'bodyBytes' | 'textCharacters' | 'mediaParts'> {
  return { bodyBytes: body.bytes.length, textCharacters: estimatedInputTokens * charactersPerToken, mediaParts };
}

/**
 * How long the answers can be in all. Where the client left it open, an endpoint with a small context bounds it by that,
 * and may refuse a number beside a long prompt; any other is told one.
 */
function bounded(
  desk: LimitDesk,
  { leastContext, largestContext }: ServedTerms,
  request: RelayRequest,
): { readonly request: RelayRequest; readonly mostOutputTokens: number } {
  const { maxTokens, choices } = request;
  if (maxTokens !== undefined) return { request, mostOutputTokens: maxTokens * choices };
  const most = request.route === 'completions' ? rawAnswerTokens : desk.answerTokens;
  const room = leastContext - mostInputTokens(sizeOf(request), desk.mediaTokens);
  if (room < most && Number.isFinite(largestContext)) return { request, mostOutputTokens: largestContext * choices };
  return { request: boundAnswer(request, most), mostOutputTokens: most * choices };
}
