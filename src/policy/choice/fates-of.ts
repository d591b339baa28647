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
  const best = open.reduce<(typeof fates)[number] | undefined>((least, fate) => (least !== undefined && least.cost <= fate.cost ? least : fate), undefined);
  return fates.map((fate) => ({ ...fate, chosen: fate === best, why: best === undefined || fate === best ? undefined : whyNot(fate, best) }));
}

type Figures = Omit<CandidateFate, 'chosen' | 'why'>;

/** The greatest of what it costs more than the best, in words. */
function whyNot(fate: Figures, best: Figures): string {
  if (!fate.admitted) return 'A hard cap leaves no room for it in this window.';
  const reasons = [
    { more: fate.late - best.late, words: `It would miss its SLO there by ${percent(fate.late)}, elsewhere by ${percent(best.late)}.` },
    { more: fate.harm - best.harm, words: `It would make others late there: ${fate.harm.toFixed(2)} in expectation, elsewhere ${best.harm.toFixed(2)}.` },
    { more: fate.shareUsd - best.shareUsd > 0 ? fate.cost - best.cost - 1e-9 : 0, words: `A soft cap makes it dearer by ${fate.shareUsd.toPrecision(2)} US dollars.` },
    { more: fate.totalMs > best.totalMs ? 1e-6 : 0, words: `It would take ${Math.round(fate.totalMs)} ms there, elsewhere ${Math.round(best.totalMs)} ms.` },
    { more: 1e-9, words: 'It costs more, all together.' },
  ];
  return reasons.reduce((most, reason) => (reason.more > most.more ? reason : most)).words;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
