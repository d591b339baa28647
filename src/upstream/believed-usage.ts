import type { WireUsage } from '../protocol/read-usage.ts';

/** An endpoint that reports more than this many times what was seen is not believed (fault 68). */
const credibleFactor = 4;
/** Special tokens that are computed and not shown: a few at the end, whatever the length. */
const unseenTokens = 16;

/**
 * A reported usage that can be true, or undefined: where more tokens are billed than were allowed or seen, by more
 * than what an engine computes unseen, the gateway's own count stands.
 */
export function believedUsage(reported: WireUsage, countedTokens: number | undefined, maxTokens: number | undefined): WireUsage | undefined {
  if (countedTokens !== undefined && reported.outputTokens > credibleFactor * countedTokens + unseenTokens) return undefined;
  if (maxTokens !== undefined && reported.outputTokens > credibleFactor * maxTokens + unseenTokens) return undefined;
  return reported;
}
