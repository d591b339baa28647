import { nearestName } from '../std/nearest-name.ts';
import { failure, success } from '../std/result.ts';
import type { Result } from '../std/result.ts';
import { usageGroupings } from './ledger.ts';
import type { UsageGrouping } from './ledger.ts';
import type { QueryProblem } from './read-window.ts';

/** The names that operators give, in the order in which they are told of them. */
export const groupingNames: readonly string[] = usageGroupings.map((name) => (name === 'tenant' ? 'team' : name));

/** Operators say `team` for what the ledger calls a tenant; both are understood. */
export function readGrouping(param: string, given: string): Result<UsageGrouping, QueryProblem> {
  const name = given.trim();
  const grouping = usageGroupings.find((each) => each === name || (each === 'tenant' && name === 'team'));
  if (grouping !== undefined) return success(grouping);
  const near = nearestName(name, groupingNames);
  return failure({ param, detail: `\`${param}\` is one of ${groupingNames.join(', ')}.${near === undefined ? '' : ` Did you mean \`${near}\`?`}` });
}
