import { fits, type Demand } from './choose-deployments.ts';
import type { Place } from '../fleet/candidate.ts';

/**
 * Whether a request might come to this deployment, now or after others have failed: all that stands in the way of a
 * choice except health, which changes while a request runs.
 */
export function couldServe(candidate: Place, demand: Omit<Demand, 'turn'>): boolean {
  const { model } = candidate.deployment;
  return (model === demand.model || demand.otherModels?.includes(model) === true) && fits(candidate, demand);
}
