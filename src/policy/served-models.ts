import { isMisconfigured } from './choose-deployments.ts';
import type { Candidate } from '../fleet/candidate.ts';

/** The logical names that can be asked for, in the order in which they were added. One that every endpoint denies to have is none. */
export function servedModels(candidates: readonly Candidate[]): readonly string[] {
  return [...new Set(candidates.filter((candidate) => !isMisconfigured(candidate)).map(({ deployment }) => deployment.model))];
}
