import type { AddonContext } from './native-bindings.ts';

/** More threads must be this much faster to be worth the core that they take from other processes. */
const worthwhile = 0.85;
const tokensPerTrial = 24;
/** On a busy machine one token with too many threads took 240 ms: a trial ends when it has taken this long. */
const trialMs = 100;

export interface ThreadTrial {
  readonly threads: number;
  readonly msPerToken: number;
}

/** Times single-token decoding with 1, 2, 4, … threads and takes the fewest that are fast. */
export async function measureThreads(
  context: AddonContext,
  cores: number,
  nowMs: () => number,
): Promise<{ threads: number; trials: readonly ThreadTrial[] }> {
  const trials: ThreadTrial[] = [];
  let best: ThreadTrial = { threads: 1, msPerToken: Number.POSITIVE_INFINITY };
  for (const threads of candidates(cores)) {
    context.setThreads(threads);
    const warmUp = await decode(context, 3, nowMs);
    const msPerToken = warmUp > trialMs ? warmUp : await decode(context, tokensPerTrial, nowMs);
    const trial = { threads, msPerToken };
    trials.push(trial);
    if (trial.msPerToken < best.msPerToken * worthwhile) best = trial;
    // Once more threads make it much slower, still more will not help.
    if (trial.msPerToken > best.msPerToken * 2) break;
  }
  context.setThreads(best.threads);
  return { threads: best.threads, trials };
}

function candidates(cores: number): number[] {
  const list: number[] = [];
  for (let threads = 1; threads < cores; threads *= 2) list.push(threads);
  return [...list, cores];
}

async function decode(context: AddonContext, tokens: number, nowMs: () => number): Promise<number> {
  const began = nowMs();
  let decoded = 0;
  while (decoded < tokens && (decoded === 0 || nowMs() - began < trialMs)) {
    context.initBatch(1);
    context.addToBatch(0, decoded, Uint32Array.of(decoded), Uint32Array.of(0));
    await context.decodeBatch();
    decoded += 1;
  }
  const spent = nowMs() - began;
  context.disposeSequence(0);
  return spent / decoded;
}
