import { failure, success, type Result } from '../std/result.ts';
import { lowestTiers, type LowestTier } from '../policy/continuation-tier.ts';
import type { Fault } from '../std/error-catalogue.ts';

/** The header by which a request asks for more of a continuation than the configuration does. */
export const continuationHeader = 'x-second-source-continuation';

/** The stricter of what the configuration and the request's header say: a request can forbid, not allow. */
export function askedContinuation(configured: LowestTier, header: string | readonly string[] | undefined): Result<LowestTier, Fault> {
  if (header === undefined) return success(configured);
  const asked = lowestTiers.find((tier) => tier === header);
  if (asked === undefined)
    return failure({ code: 'invalid_request', detail: `The header \`${continuationHeader}\` is one of ${lowestTiers.join(', ')}.` });
  return success(strictness(asked) >= strictness(configured) ? asked : configured);
}

/** `none` forbids every continuation, so it is stricter than `exact`. */
function strictness(tier: LowestTier): number {
  return tier === 'none' ? lowestTiers.length : lowestTiers.length - 1 - lowestTiers.indexOf(tier);
}
