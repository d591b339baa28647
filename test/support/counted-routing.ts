import { LearnedRouting, type ShareBook } from '../../src/policy/choice/learned-routing.ts';
import { noPrior } from '../../src/policy/predict/prior.ts';
import { noRoutingRules, type RoutingRules } from '../../src/policy/choice/routing-rules.ts';
import { PredictiveChoice } from '../../src/policy/choice/predictive-choice.ts';
import type { Prior } from '../../src/policy/predict/prior.ts';
import type { Random } from '../../src/std/random.ts';
import type { RequestRouting } from '../../src/upstream/request-routing.ts';
import type { RoutingDesk } from '../../src/gateway/route-request.ts';

export interface CountedRouting {
  readonly routing: RequestRouting;
  readonly desk: RoutingDesk;
  readonly choice: PredictiveChoice;
  /** How often each dispatch was ended, by its attempt. */
  readonly ends: ReadonlyMap<string, number>;
  /** The attempts of which a first content was told. */
  readonly firsts: ReadonlySet<string>;
}

export interface CountedRoutingOptions {
  readonly rules?: Partial<RoutingRules>;
  readonly priors?: Readonly<Record<string, Prior>>;
  readonly shares?: ShareBook;
  readonly keepsTenantsApart?: boolean;
}

/** The routing of production, which counts how often each dispatch is ended. */
export function countedRouting(
  random: Random,
  { rules, priors = {}, shares, keepsTenantsApart = false }: CountedRoutingOptions = {},
): CountedRouting {
  const choice = new PredictiveChoice({ random, shares, priorOf: ({ endpoint }) => priors[endpoint.id] ?? noPrior });
  const learned = new LearnedRouting({ choice, shares, priceOf: ({ deployment }) => deployment.price });
  const ends = new Map<string, number>();
  const firsts = new Set<string>();
  return {
    choice,
    ends,
    firsts,
    desk: { rules: { ...noRoutingRules, ...rules }, keepsTenantsApart },
    routing: {
      rankerFor: (ask, nowMs) => learned.rankerFor(ask, nowMs),
      explain: (candidates, ask, nowMs) => learned.explain(candidates, ask, nowMs),
      dispatched: (attemptId, candidate, ask, nowMs) => {
        const attempt = learned.dispatched(attemptId, candidate, ask, nowMs);
        ends.set(attemptId, 0);
        return {
          firstContent: (atMs) => {
            firsts.add(attemptId);
            attempt.firstContent(atMs);
          },
          ended: (end, atMs) => {
            ends.set(attemptId, (ends.get(attemptId) ?? 0) + 1);
            attempt.ended(end, atMs);
          },
        };
      },
    },
  };
}
