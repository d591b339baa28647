import type { Endpoint } from '../../fleet/endpoint.ts';
import type { RequestSize } from '../choice/ask.ts';
import type { ShareGroup, ShareMeasure } from '../dependence/dependence-report.ts';

/** The most that a group may make of all tokens, requests or money in any window (DESIGN §6, "Shares"). */
export interface ShareCap {
  readonly id: string;
  readonly group: ShareGroup;
  readonly measure: ShareMeasure;
  readonly kind: 'hard' | 'soft';
  /** 0 to 1. */
  readonly most: number;
  readonly windowMs: number;
  /** In units of the measure: a window that settles less is not judged, and so much times `most` is free in each. */
  readonly minimumVolume: number;
  /** Whether emulated tokens count as those of the chip that they imitate; else they count for nobody. */
  readonly countEmulated: boolean;
}

/** Which control group a vendor belongs to: its own name where nobody said otherwise. */
export type ControlGroupOf = (vendor: string) => string;

/** How a request on an endpoint counts with a cap: to its group, to the rest, or (emulated) not at all. */
export type Side = 'group' | 'rest' | 'none';

/** Silicon that nobody knows counts against every cap but one on an endpoint, whose name is always known. */
export function sideOf({ group, countEmulated }: ShareCap, endpoint: Pick<Endpoint, 'id' | 'silicon'>, controlGroupOf: ControlGroupOf): Side {
  const { vendor, chip, evidence } = endpoint.silicon;
  if (evidence === 'emulated' && !countEmulated) return 'none';
  switch (group.by) {
    case 'endpoint':
      return endpoint.id === group.name ? 'group' : 'rest';
    case 'vendor':
      return evidence === 'unknown' || vendor === 'unknown' || vendor === group.name ? 'group' : 'rest';
    case 'controlGroup':
      return evidence === 'unknown' || vendor === 'unknown' || controlGroupOf(vendor) === group.name ? 'group' : 'rest';
    case 'chip':
      return evidence === 'unknown' || chip === 'unknown' || chip === group.name ? 'group' : 'rest';
  }
}

/** A request's size by a measure; undefined where its price is not known. */
export function unitsOf(measure: ShareMeasure, { tokens, usd }: RequestSize): number | undefined {
  return measure === 'tokens' ? tokens : measure === 'requests' ? 1 : usd;
}

/** The most that a request can come to by a measure. */
export function mostUnitsOf(measure: ShareMeasure, { tokens, usd, mostTokens, mostUsd }: RequestSize): number | undefined {
  if (measure === 'requests') return 1;
  if (measure === 'tokens') return Math.max(tokens, mostTokens ?? 0);
  return usd === undefined ? mostUsd : Math.max(usd, mostUsd ?? 0);
}

/** What an ended request counts: one that used nothing is no request of anybody's. */
export function settledUnitsOf(measure: ShareMeasure, actual: RequestSize): number | undefined {
  return measure === 'requests' ? (actual.tokens > 0 ? 1 : 0) : unitsOf(measure, actual);
}
