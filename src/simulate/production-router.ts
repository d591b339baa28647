import { chooseDeployments } from '../policy/choose-deployments.ts';
import { LearnedRouting } from '../policy/choice/learned-routing.ts';
import { noPrior, type Prior } from '../policy/predict/prior.ts';
import { PredictiveChoice, type Dispatch } from '../policy/choice/predictive-choice.ts';
import type { Arrival, ReplicaView, Router } from './router.ts';
import type { Ask, ShareView, SloClass } from '../policy/choice/ask.ts';
import type { ChoiceTuning } from '../policy/choice/estimate.ts';
import type { Random } from '../std/random.ts';
import type { StepPrior } from './step-prior.ts';

export interface ProductionOptions {
  readonly priors: readonly (StepPrior | undefined)[];
  readonly sloClasses: readonly SloClass[];
  /** What caps leave room for; absent: there are none. */
  readonly shares?: ShareView | undefined;
  readonly random: Random;
  readonly tuning?: ChoiceTuning | undefined;
}

/** The policy that production runs, the very code, behind the simulator's interface. */
export function productionRouter({ priors, sloClasses, shares, random, tuning }: ProductionOptions): Router {
  const indices = new Map<string, number>();
  const choice = new PredictiveChoice({
    random,
    shares,
    priorOf: ({ deployment }) => priorOf(priors[indices.get(deployment.id) ?? -1]),
    tuning,
  });
  const routing = new LearnedRouting({ choice, shares: undefined, priceOf: ({ deployment }) => deployment.price });
  let last: { readonly id: number; readonly ask: Ask } | undefined;
  const dispatches = new Map<number, Dispatch>();
  const slos = new Map(sloClasses.map((slo) => [slo.name, slo]));
  const newAsk = (arrival: Arrival): Ask => ({
    promptTokens: arrival.promptTokens,
    maxTokens: arrival.maxTokens,
    prefixHashes: arrival.prefixHashes,
    prefixBlockTokens: arrival.prefixBlockTokens,
    slo: slos.get(arrival.sloClass),
    objective: 'fastest',
  });
  // What is dispatched is the very ask that was ranked.
  const askOf = (arrival: Arrival): Ask => {
    if (last?.id !== arrival.id) last = { id: arrival.id, ask: newAsk(arrival) };
    return last.ask;
  };
  let turn = 0;
  let gaugesMs = -1;
  const end = (id: number): Dispatch => {
    const dispatch = dispatches.get(id) ?? -1;
    dispatches.delete(id);
    return dispatch;
  };
  return {
    choose: (arrival, fleet, nowMs): ReplicaView | undefined => {
      for (const { deployment, index, gauges } of fleet) {
        if (!indices.has(deployment.id)) indices.set(deployment.id, index);
        if (gauges.asOfMs > gaugesMs) choice.gauges(deployment.id, gauges);
      }
      gaugesMs = Math.max(gaugesMs, fleet[0]?.gauges.asOfMs ?? 0);
      const chosen = chooseDeployments(fleet, {
        model: arrival.model,
        provider: undefined,
        rules: undefined,
        unpublishedFields: [],
        turn,
        ranker: routing.rankerFor(askOf(arrival), nowMs),
      });
      turn += 1;
      if (chosen.kind !== 'candidates') return undefined;
      const { first } = chosen;
      return fleet.find(({ endpoint }) => endpoint === first.endpoint);
    },
    dispatched: (arrival, to, nowMs) => {
      dispatches.set(arrival.id, choice.dispatched(to, askOf(arrival), nowMs));
    },
    firstToken: ({ id }, _at, _ttftMs, nowMs) => choice.firstToken(dispatches.get(id) ?? -1, nowMs),
    finished: ({ id }, _at, { outputTokens, cachedTokens }, nowMs) => choice.ended(end(id), { outcome: 'ok', outputTokens, cachedTokens }, nowMs),
    refused: ({ id }, _by, why, nowMs) => {
      const dispatch = end(id);
      if (why === 'busy') choice.refused(dispatch, nowMs);
      else choice.ended(dispatch, { outcome: 'failed', outputTokens: undefined, cachedTokens: undefined }, nowMs);
    },
  };
}

function priorOf(known: StepPrior | undefined): Prior {
  if (known === undefined) return noPrior;
  const { perPrefillTokenMs, perStepMs, perSequenceMs, perKvTokenMs } = known;
  return { from: 'roofline', perPromptTokenMs: perPrefillTokenMs, stepMs: perStepMs, perSequenceMs, perKvTokenMs };
}
