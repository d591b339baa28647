import type { AnswerLengths } from '../predict/answer-lengths.ts';
import type { Ask, ShareView } from './ask.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { CandidateFate } from './candidate-fate.ts';
import type { Comparison, ProfileOf } from './comparison.ts';

interface FateSources {
  readonly comparison: Comparison;
  readonly lengths: AnswerLengths;
  readonly shares: ShareView | undefined;
  readonly profileOf: ProfileOf;
}

/** What each candidate is predicted, and why all but the best of those that caps admit would not be chosen. Without chance. */
export function fatesOf(
  candidates: readonly Candidate[],
  ask: Ask,
  nowMs: number,
  { comparison, lengths, shares, profileOf }: FateSources,
): readonly CandidateFate[] {
  comparison.run(candidates, ask, lengths, nowMs, profileOf);
  const { outputTokens, found } = comparison;
  const fates = candidates.map((candidate, index): Omit<CandidateFate, 'chosen' | 'why'> => {
    const profile = profileOf(candidate, ask);
    comparison.look(profile, ask, lengths, nowMs);
    const usd = comparison.usdAt(candidate, ask, profile);
    return {
      endpointId: candidate.endpoint.id,
      deploymentId: candidate.deployment.id,
      ttftMs: found.ttftMs,
      tpotMs: found.tpotMs,
      totalMs: found.totalMs,
      ttftEvidence: profile.ttftEvidence,
      tpotEvidence: profile.tpotEvidence,
      cachedTokens: found.cachedTokens,
      outputTokens,
      usd,
      shareUsd: comparison.shareUsd[index] ?? 0,
      admitted: shares?.admits(candidate, { tokens: ask.promptTokens + outputTokens, usd }, nowMs) ?? true,
      late: found.late,
      harm: found.harm,
      cost: comparison.costs[index] ?? 0,
      running: candidate.running,
    };
  });
  const open = fates.some(({ admitted }) => admitted) ? fates.filter(({ admitted }) => admitted) : fates;
  const best = open.reduce<(typeof fates)[number] | undefined>(
    (least, fate) => (least !== undefined && least.cost <= fate.cost ? least : fate),
    undefined,
  );
  return fates.map((fate) => ({ ...fate, chosen: fate === best, why: best === undefined || fate === best ? undefined : whyNot(fate, best) }));
}

type Figures = Omit<CandidateFate, 'chosen' | 'why'>;

/** Below this, in requests, a difference is no reason to name. */
const worthNaming = 0.01;

/** What it costs more than the best for, in words: the SLO first, then caps, money and time. */
function whyNot(fate: Figures, best: Figures): string {
  if (!fate.admitted) return 'A hard cap leaves no room for it in this window.';
  const late = fate.late - best.late;
  const harm = fate.harm - best.harm;
  if (late > worthNaming && late >= harm)
    return `Its answer would miss its SLO with a chance of ${percent(fate.late)}, there with ${percent(best.late)}.`;
  if (harm > worthNaming) return `It would make ${fate.harm.toFixed(2)} others late, in expectation, there ${best.harm.toFixed(2)}.`;
  if (fate.shareUsd > best.shareUsd) return `A soft cap makes it dearer by ${fate.shareUsd.toPrecision(2)} US dollars.`;
  if (fate.totalMs > best.totalMs) return `Its answer would take ${Math.round(fate.totalMs)} ms, there ${Math.round(best.totalMs)} ms.`;
  if (fate.usd === undefined || fate.usd > (best.usd ?? Infinity)) return 'It is dearer, or its price is not known.';
  return fate.cost > best.cost ? 'It costs more, all together.' : 'It is as good, and chance decides.';
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
