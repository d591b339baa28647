import { chooseDeployments, type Demand } from '../policy/choose-deployments.ts';
import { choiceFault } from './choice-fault.ts';
import { explainChoice } from '../policy/choice/explain-choice.ts';
import { apartFirst, isOver, nextAttempt, type AttemptHistory } from '../policy/next-attempt.ts';
import { reservedTokens, type Sized } from './reserved-tokens.ts';
import { parkedWaitMs } from '../policy/parked-wait-ms.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { CandidateFate } from '../policy/choice/candidate-fate.ts';
import type { Choice } from '../policy/choose-deployments.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { RelayDependencies, RelayRequest } from './relay-request.ts';

export interface TryHistory extends AttemptHistory {
  /** How long the request has waited for parked endpoints so far. */
  readonly waitedMs: number;
}

export type TryDependencies = Pick<RelayDependencies, 'clock' | 'fleet' | 'keys' | 'nextTurn' | 'retryBudget' | 'routing' | 'throttle'> & {
  readonly limits: Pick<RelayDependencies['limits'], 'totalTimeoutMs' | 'parkedWaitMs'>;
};

/** What a choice needs of a request. */
export type Asking = Pick<RelayRequest, 'demand' | 'ask'> & Sized;

export type NextTry =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  /** Wait so long, then ask again. */
  | { readonly kind: 'wait'; readonly waitMs: number }
  /** `fault` is undefined where the last failure's own stands. */
  | { readonly kind: 'nobody'; readonly fault: Fault | undefined };

/**
 * Whom to try before anything was released, as long as the retries of all requests together, and what the model's
 * endpoints lately did with its requests, leave room for it. `hasStandIn`: whether another model stands in for this one
 * rather than that the request waits.
 */
export function nextTry(
  request: Asking & Pick<RelayRequest, 'receivedAtMs' | 'hidesSecondSource' | 'onChosen'>,
  history: TryHistory,
  hasStandIn: boolean,
  deps: TryDependencies,
  nowMs: number,
): NextTry {
  const { limits, retryBudget, throttle } = deps;
  const isFirst = history.tried.length === 0;
  if (isOver(history)) return { kind: 'nobody', fault: undefined };
  const all = withRoom(request, deps, nowMs);
  const demand = demandOf(request, history.tried, deps, nowMs);
  const choice = chooseDeployments(all, demand);
  request.onChosen?.(explainChoice(all, demand, choice, expectationsOf(request, deps)));
  if ((choice.kind === 'parked' || choice.kind === 'capped') && !hasStandIn) {
    const remainingMs = request.receivedAtMs + limits.totalTimeoutMs - nowMs;
    const waitMs = parkedWaitMs(choice.releaseInMs, { waitedMs: history.waitedMs, mostMs: limits.parkedWaitMs, remainingMs });
    if (waitMs !== undefined) return { kind: 'wait', waitMs };
  }
  if (choice.kind !== 'candidates') return { kind: 'nobody', fault: faultOf(choice, request, history.lastFailure) };
  if (isFirst && !throttle.admits(request.demand.model, nowMs)) return { kind: 'nobody', fault: { code: 'overloaded', retryAfterMs: 1000 } };
  const isPlain = isFirst && choice.first.state === 'ready';
  const candidate = isPlain ? choice.first : nextAttempt(withClaimedTrials(choice.candidates, history, deps), history);
  if (candidate === undefined || (!isFirst && !retryBudget.take(nowMs))) return { kind: 'nobody', fault: undefined };
  return { kind: 'candidate', candidate };
}

/**
 * What the choice says more than the failure before it: that nobody could be tried, that the model is unknown
 * everywhere (fault 18), or the least time that any of the refusing endpoints asks for (fault 12).
 */
function faultOf(
  choice: Exclude<Choice, { kind: 'candidates' }>,
  { demand: { model }, hidesSecondSource }: Pick<RelayRequest, 'demand' | 'hidesSecondSource'>,
  lastFailure: AttemptFailure | undefined,
): Fault | undefined {
  const fault = choiceFault(choice, model, hidesSecondSource !== true);
  if (lastFailure === undefined) return fault;
  if (lastFailure.class === 'refused' && choice.kind === 'parked') return { ...fault, code: lastFailure.fault.code };
  return lastFailure.health.kind === 'misconfigured' && choice.kind === 'unknown-model' ? fault : undefined;
}

/**
 * Whom to ask for the same answer while the first still says nothing, when its time to hedge has come: the best of the
 * others that is well, preferably sharing no failure domain, and only out of the retry budget.
 */
export function hedgeTry(
  request: Asking,
  { tried, attemptsAllowed }: Pick<TryHistory, 'tried' | 'attemptsAllowed'>,
  deps: TryDependencies,
  nowMs: number,
): Candidate | undefined {
  const choice = chooseDeployments(withRoom(request, deps, nowMs), demandOf(request, tried, deps, nowMs));
  const first = tried.at(-1);
  if (choice.kind !== 'candidates' || first === undefined || tried.length >= attemptsAllowed) return undefined;
  const others = choice.candidates.filter(({ endpoint, state }) => state === 'ready' && !tried.some((past) => past.endpoint.id === endpoint.id));
  const [second] = apartFirst(others, first);
  return second !== undefined && deps.retryBudget.take(nowMs) ? second : undefined;
}

/** What a request wants of whom it is tried on, in this moment. */
export function demandOf({ demand, ask }: Asking, tried: readonly Candidate[], { nextTurn, routing }: TryDependencies, nowMs: number): Demand {
  const [first] = tried;
  const provider = first === undefined ? demand.provider : afterFirst(demand.provider, first);
  const { model, otherModels, priceOf, rules, unpublishedFields, refusedBy } = demand;
  const ranker = ask && routing?.rankerFor(ask, nowMs);
  return { model, otherModels, priceOf, rules, unpublishedFields, refusedBy, provider, turn: nextTurn(), ranker };
}

/** Without fallbacks and without an `order` of its own, a request stays with the endpoint that it was first sent to. */
function afterFirst(provider: Demand['provider'], { endpoint }: Candidate): Demand['provider'] {
  return provider?.allowFallbacks === false && provider.order.length === 0 ? { ...provider, only: [endpoint.id], silicon: undefined } : provider;
}

export function expectationsOf(
  { ask }: Asking,
  { clock, routing }: TryDependencies,
): ((candidates: readonly Candidate[]) => readonly CandidateFate[]) | undefined {
  return ask && routing && ((candidates) => routing.explain(candidates, ask, clock.nowMs()));
}

/** All candidates, of which those count as parked whose keys have no room for the request. */
export function withRoom(request: Sized, { fleet, keys }: Pick<TryDependencies, 'fleet' | 'keys'>, nowMs: number): readonly Candidate[] {
  const all = fleet.candidates(nowMs);
  return keys === undefined ? all : keys.withRoom(all, reservedTokens(request), nowMs);
}

/** Leaves out an endpoint on trial whose one trial another request took between the two looks at it. */
function withClaimedTrials(candidates: readonly Candidate[], history: TryHistory, { fleet }: TryDependencies): readonly Candidate[] {
  let left = candidates;
  for (let next = nextAttempt(left, history); next?.state === 'trial'; next = nextAttempt(left, history)) {
    const { endpoint, deployment } = next;
    if (fleet.claimTrial(endpoint.id, deployment.id)) return left;
    left = left.filter((candidate) => candidate !== next);
  }
  return left;
}
