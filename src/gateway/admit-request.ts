import { boundAnswer } from './bound-answer.ts';
import { couldServe } from '../policy/could-serve.ts';
import { failure, success, type Result } from '../std/result.ts';
import { mostInputTokens, worstCase, type Size } from '../budget/worst-case.ts';
import { reservedTokens } from '../upstream/reserved-tokens.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { LimitKeeper, Reserved } from '../budget/limit-keeper.ts';
import type { LimitKinds } from '../budget/limits.ts';
import type { Price } from '../fleet/deployment.ts';
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

/**
 * Station ①, second half: works out the most that a request can use and be charged, and reserves it at every level at
 * once. Whoever has no limit does not come here. A promise only where another process keeps the limits.
 */
export function admitRequest(
  { fleet, prices }: Pick<RelayDependencies, 'fleet' | 'prices'>,
  desk: LimitDesk,
  kinds: LimitKinds,
  given: RelayRequest,
): Admitted | Promise<Admitted> {
  const serving = kinds.budget ? fleet.candidates().filter((candidate) => couldServe(candidate, given.demand)) : [];
  const { request, mostOutputTokens } = kinds.budget ? bounded(desk, serving, given) : { request: given, mostOutputTokens: 0 };
  const known: Price[] = [];
  for (const candidate of kinds.money ? serving : []) {
    const price = (prices === undefined ? candidate.deployment.price : prices.of(candidate)) ?? prices?.cap;
    if (price === undefined) return failure({ fault: { code: 'price_unknown' }, standing: undefined });
    known.push(price);
  }
  const rateTokens = reservedTokens(request);
  const most = worstCase({ ...sizeOf(request), mostOutputTokens, rateTokens }, desk.mediaTokens, known);
  const need = { mostTokens: kinds.budget ? most.mostTokens : noBudget, mostNanoUsd: kinds.money ? most.mostNanoUsd : noBudget, rateTokens };
  const capPrice = kinds.money ? prices?.cap : undefined;
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
  serving: readonly Candidate[],
  request: RelayRequest,
): { readonly request: RelayRequest; readonly mostOutputTokens: number } {
  const { maxTokens, choices } = request;
  if (maxTokens !== undefined) return { request, mostOutputTokens: maxTokens * choices };
  const most = request.route === 'completions' ? rawAnswerTokens : desk.answerTokens;
  const contexts = serving.map(({ deployment }) => deployment.contextTokens ?? Number.POSITIVE_INFINITY);
  const room = Math.min(...contexts) - mostInputTokens(sizeOf(request), desk.mediaTokens);
  const largest = Math.max(0, ...contexts);
  if (room < most && Number.isFinite(largest)) return { request, mostOutputTokens: largest * choices };
  return { request: boundAnswer(request, most), mostOutputTokens: most * choices };
}
