import type { Place } from '../fleet/candidate.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Price } from '../fleet/deployment.ts';

/** `order` prefers, `only` restricts, `ignore` excludes. */
export interface NamePreference {
  readonly only: readonly string[];
  readonly order: readonly string[];
  readonly ignore: readonly string[];
}

/** What a request's `provider` says of whom it wants: by endpoint ids or vendors, and by what a deployment is and costs. */
export interface ProviderPreference extends NamePreference {
  /** Default: true. */
  readonly allowFallbacks?: boolean;
  readonly requireParameters?: boolean;
  /** Empty: any. */
  readonly quantizations?: readonly string[];
  /** What is best, in place of the objective. */
  readonly sort?: 'price' | 'throughput' | 'latency' | undefined;
  readonly maxPrice?: { readonly inputUsdPerMtok: number | undefined; readonly outputUsdPerMtok: number | undefined } | undefined;
  /** By vendor or chip, in whatever case. */
  readonly silicon?: NamePreference | undefined;
}

/** The member of `provider` that leaves somebody out. */
export type UnwantedBy = 'only' | 'order' | 'ignore' | 'silicon.only' | 'silicon.ignore' | 'quantizations' | 'max_price';

export type PriceOf = (candidate: Place) => Price | undefined;

/** Which member of a request's `provider` leaves a deployment out; undefined where none does. */
export function unwantedBy(candidate: Place, provider: ProviderPreference | undefined, priceOf: PriceOf | undefined): UnwantedBy | undefined {
  if (provider === undefined) return undefined;
  const { endpoint, deployment } = candidate;
  const { only, order, ignore, allowFallbacks = true, quantizations = [], maxPrice, silicon } = provider;
  if (only.length > 0 && namedAt(endpoint, only) < 0) return 'only';
  if (!allowFallbacks && order.length > 0 && namedAt(endpoint, order) < 0) return 'order';
  if (namedAt(endpoint, ignore) >= 0) return 'ignore';
  if (silicon !== undefined && silicon.only.length > 0 && siliconAt(endpoint, silicon.only) < 0) return 'silicon.only';
  if (silicon !== undefined && siliconAt(endpoint, silicon.ignore) >= 0) return 'silicon.ignore';
  if (quantizations.length > 0 && !quantizations.includes(deployment.quantization ?? 'unknown')) return 'quantizations';
  return maxPrice === undefined || isWithin(maxPrice, priceOf === undefined ? deployment.price : priceOf(candidate)) ? undefined : 'max_price';
}

/** Where a request's `order` puts an endpoint, and after that its `silicon.order`: the lower, the sooner it is tried. */
export function preferenceOf(endpoint: Endpoint, provider: ProviderPreference | undefined): number {
  if (provider === undefined) return 0;
  const { order, silicon } = provider;
  const at = placeIn(order, namedAt(endpoint, order));
  if (silicon === undefined || silicon.order.length === 0) return at;
  return at * (silicon.order.length + 1) + placeIn(silicon.order, siliconAt(endpoint, silicon.order));
}

/** Whoever is not named comes after all that are. */
function placeIn(order: readonly string[], index: number): number {
  return index < 0 ? order.length : index;
}

function namedAt({ id, silicon }: Endpoint, names: readonly string[]): number {
  return names.length === 0 ? -1 : names.findIndex((name) => name === id || name === silicon.vendor);
}

/** What nobody knows is never meant by a name. */
function siliconAt({ silicon }: Endpoint, names: readonly string[]): number {
  if (names.length === 0 || silicon.evidence === 'unknown') return -1;
  const [vendor, chip] = [silicon.vendor.toLowerCase(), silicon.chip.toLowerCase()];
  return names.findIndex((name) => {
    const wanted = name.toLowerCase();
    return wanted === vendor || wanted === chip;
  });
}

/** An unknown price is never 0, and so within no bound. */
function isWithin({ inputUsdPerMtok, outputUsdPerMtok }: NonNullable<ProviderPreference['maxPrice']>, price: Price | undefined): boolean {
  if (inputUsdPerMtok === undefined && outputUsdPerMtok === undefined) return true;
  if (price === undefined) return false;
  const isBelow = (most: number | undefined, known: number): boolean => most === undefined || known <= most;
  return isBelow(inputUsdPerMtok, price.inputUsdPerMtok) && isBelow(outputUsdPerMtok, price.outputUsdPerMtok);
}
