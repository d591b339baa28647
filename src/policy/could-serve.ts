import { isWanted, undeclaredField, type Demand } from './choose-deployments.ts';
import type { Place } from '../fleet/candidate.ts';

/**
 * Whether a request might come to this deployment, now or after others have failed: all that stands in the way of a
 * choice except health, which changes while a request runs.
 */
export function couldServe({ endpoint, deployment }: Place, demand: Omit<Demand, 'turn'>): boolean {
  return (
    deployment.model === demand.model &&
    demand.rules?.exclusion(endpoint) === undefined &&
    undeclaredField(endpoint, demand.unpublishedFields) === undefined &&
    demand.refusedBy?.(endpoint) === undefined &&
    isWanted(endpoint, demand)
  );
}
