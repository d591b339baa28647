import { approved, isMisconfigured } from './choose-deployments.ts';
import type { AccessRules } from '../access/access-rules.ts';
import type { Candidate } from '../fleet/candidate.ts';

/**
 * The logical names that a caller can ask for, in the order in which they were added. One that every endpoint denies to
 * have is none.
 */
export function servedModels(candidates: readonly Candidate[], rules: AccessRules | undefined): readonly string[] {
  const names = approved(candidates, rules)
    .filter((candidate) => !isMisconfigured(candidate))
    .map(({ deployment }) => deployment.model);
  return [...new Set(names)].filter((name) => rules === undefined || rules.allowsModel(name));
}
