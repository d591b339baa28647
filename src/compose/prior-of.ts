import { noPrior, type Prior } from '../policy/predict/prior.ts';
import type { Candidate } from '../fleet/candidate.ts';

/**
 * What is believed of a deployment before it has answered anything: what its vendor publishes, where the configuration
 * says it. A stored profile comes before this, where there is one (`PredictiveChoice.restore`).
 */
export function priorOf({ deployment: { published } }: Pick<Candidate, 'deployment'>): Prior {
  if (published === undefined) return noPrior;
  const { ttftMs, promptTokensPerSecond, tokensPerSecond } = published;
  return {
    from: 'published',
    firstTokenMs: ttftMs,
    perPromptTokenMs: promptTokensPerSecond && 1000 / promptTokensPerSecond,
    stepMs: tokensPerSecond && 1000 / tokensPerSecond,
  };
}
