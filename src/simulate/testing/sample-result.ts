import type { CaseResult } from '../study/study.ts';

/** A run's result with 100 requests, of which `goodput` were good. */
export function sampleResult({ goodput = 0.5, ...over }: Partial<CaseResult>): CaseResult {
  return {
    trace: 'trace',
    load: 1,
    policy: 'policy',
    parameters: {},
    seed: 1,
    evidence: 'simulated',
    requests: 100,
    finished: 100,
    refused: 0,
    good: 100 * goodput,
    goodput,
    continued: 0,
    retries: 0,
    ttftP50Ms: 1,
    ttftP99Ms: 2,
    tpotP50Ms: 3,
    tpotP99Ms: 4,
    totalMeanMs: 5,
    preemptions: 0,
    cachedShare: 0,
    usd: undefined,
    endMs: 1000,
    pools: [{ pool: 'p', vendor: 'amd', requests: 100, outputTokens: 1000 }],
    timeline: { binMs: 1000, goodput: [goodput] },
    ...over,
  };
}
