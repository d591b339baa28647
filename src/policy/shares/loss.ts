import type { ControlGroupOf, ShareCap } from './share-cap.ts';
import type { ShareGroup } from '../dependence/dependence-report.ts';

/** A vendor (or another group) that is gone, for some models or for all. */
export interface Loss {
  readonly group: ShareGroup;
  readonly sinceMs: number;
  /** Undefined: all. */
  readonly models: ReadonlySet<string> | undefined;
}

export function isSameGroup(a: ShareGroup, b: ShareGroup): boolean {
  return a.by === b.by && a.name === b.name;
}

/**
 * Whether a cap yields to a loss for a model: a cap exists to survive a loss, not to turn it into an outage. One on the very
 * group that is lost stands in nobody's way and stays.
 */
export function yieldsTo({ group, models }: Loss, cap: ShareCap, model: string | undefined, controlGroupOf: ControlGroupOf): boolean {
  if (models !== undefined && model !== undefined && !models.has(model)) return false;
  const isWithin = cap.group.by === 'controlGroup' && group.by === 'vendor' && controlGroupOf(group.name) === cap.group.name;
  return !isWithin && !isSameGroup(group, cap.group);
}
