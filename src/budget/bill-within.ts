import { toNanoUsd, toUsd } from './nano-usd.ts';
import type { Need } from './reservation.ts';

interface Counts {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

export interface Bill<Usage extends Counts> {
  readonly usage: Usage;
  readonly usd: number | undefined;
}

/**
 * A bill that keeps to what was reserved. An endpoint that computes more than the request allows is the operator's cost,
 * which stands on the attempt; it is never the client's charge, so a budget is never over by anything (fault 94).
 */
export function billWithin<Usage extends Counts>({ mostTokens, mostNanoUsd }: Need, bill: Bill<Usage>): Bill<Usage> {
  const { usage, usd } = bill;
  const isTooLong = usage.inputTokens + usage.outputTokens > mostTokens;
  const isTooDear = usd !== undefined && toNanoUsd(usd) > mostNanoUsd;
  if (!isTooLong && !isTooDear) return bill;
  return { usage: isTooLong ? shortened(usage, mostTokens) : usage, usd: isTooDear ? toUsd(mostNanoUsd) : usd };
}

function shortened<Usage extends Counts>(usage: Usage, mostTokens: number): Usage {
  const inputTokens = Math.min(usage.inputTokens, mostTokens);
  const cachedInputTokens = Math.min(usage.cachedInputTokens, inputTokens);
  return { ...usage, inputTokens, cachedInputTokens, outputTokens: mostTokens - inputTokens };
}
