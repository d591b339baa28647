import { couldServe } from '../policy/could-serve.ts';
import { dearestOf, type Dearest } from '../budget/worst-case.ts';
import type { Demand } from '../policy/choose-deployments.ts';
import type { Place } from '../fleet/candidate.ts';
import type { Price } from '../fleet/deployment.ts';
import type { RelayDependencies } from '../upstream/relay-request.ts';

/** What must be known of all to whom a request could come, before it is let through. */
export interface ServedTerms {
  /** Undefined where the price of one of them is not known. */
  readonly dearest: Dearest | undefined;
  /** The smallest and largest context, where each is declared; infinite and 0 where none is. */
  readonly leastContext: number;
  readonly largestContext: number;
}

interface Remembered {
  readonly places: readonly Place[];
  readonly prices: RelayDependencies['prices'];
  readonly priceVersion: number | undefined;
  readonly terms: ServedTerms;
}

type Demanded = Omit<Demand, 'turn'>;

/** For callers whom nothing restricts. */
const noRules = {};
/** By the fleet as it was, the caller's rules and the model: each goes with the first of them. */
const remembered = new WeakMap<readonly Place[], WeakMap<object, Map<string, Remembered>>>();

/**
 * The terms of a request's demand. Nearly every request asks for its model alone, so what was found for one holds for the
 * next, as long as no endpoint, rule or price changes and none of the endpoints refuses what the request says.
 */
export function servedTerms({ fleet, prices }: Pick<RelayDependencies, 'fleet' | 'prices'>, demand: Demanded): ServedTerms {
  const all = fleet.places();
  if (demand.provider !== undefined || demand.unpublishedFields.length > 0) return termsOf(serving(all, demand), prices);
  const byModel = modelsOf(all, demand.rules ?? noRules);
  const known = byModel.get(demand.model);
  if (known !== undefined && known.prices === prices && known.priceVersion === prices?.version) {
    return refusesAny(known.places, demand) ? termsOf(serving(known.places, demand), prices) : known.terms;
  }
  const { refusedBy: _refusedBy, ...plain } = demand;
  const places = serving(all, plain);
  const terms = termsOf(places, prices);
  // Names come from clients: those that nobody serves are not remembered.
  if (places.length > 0) byModel.set(demand.model, { places, prices, priceVersion: prices?.version, terms });
  return refusesAny(places, demand) ? termsOf(serving(places, demand), prices) : terms;
}

function modelsOf(all: readonly Place[], rules: object): Map<string, Remembered> {
  const known = remembered.get(all)?.get(rules);
  if (known !== undefined) return known;
  const byRules = remembered.get(all) ?? new WeakMap<object, Map<string, Remembered>>();
  const byModel = new Map<string, Remembered>();
  remembered.set(all, byRules.set(rules, byModel));
  return byModel;
}

function refusesAny(places: readonly Place[], { refusedBy }: Demanded): boolean {
  if (refusedBy === undefined) return false;
  for (const { endpoint } of places) if (refusedBy(endpoint) !== undefined) return true;
  return false;
}

function serving(places: readonly Place[], demand: Demanded): readonly Place[] {
  return places.filter((place) => couldServe(place, demand));
}

function termsOf(places: readonly Place[], prices: RelayDependencies['prices']): ServedTerms {
  const contexts = places.map(({ deployment }) => deployment.contextTokens ?? Number.POSITIVE_INFINITY);
  const known = places.flatMap((place): Price[] => {
    const price = (prices === undefined ? place.deployment.price : prices.of(place)) ?? prices?.cap;
    return price === undefined ? [] : [price];
  });
  return {
    dearest: known.length < places.length ? undefined : dearestOf(known),
    leastContext: Math.min(...contexts),
    largestContext: Math.max(0, ...contexts),
  };
}
