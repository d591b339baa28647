import { loadText, ratioText, type Judgement } from '../../src/simulate/report/judgement-section.ts';
import { summarise, type Spread } from '../../src/simulate/study/summarise.ts';
import type { BoundResult, CaseResult } from '../../src/simulate/study/study.ts';
import type { SumOfParts } from './sum-of-parts.ts';

type Say = (line: string) => void;

export function printStudy(
  { results, bounds }: { readonly results: readonly CaseResult[]; readonly bounds: readonly BoundResult[] },
  say: Say,
): void {
  for (const { trace, load, policy, goodput, bound } of summarise(results, bounds))
    say(
      `${trace.padEnd(48)} ${String(load).padEnd(6)} ${policy.padEnd(22)} ${goodput.mean.toFixed(4)} ± ${goodput.halfWidth?.toFixed(4) ?? '–'}  bound ${bound?.toFixed(4) ?? '–'}`,
    );
}

export function printJudgement({ ours, verdicts, costs }: Judgement, say: Say): void {
  say(`\nVerdicts on ${ours} (paired differences over seeds, 95 %):`);
  for (const { trace, load, demand, outcome, goodput, rivals, ofBound } of verdicts) {
    const [nearest] = rivals;
    const gap = nearest === undefined ? '–' : `${points(nearest.difference)} to ${nearest.rival}`;
    const bound = ofBound === undefined ? '–' : `${(100 * ofBound).toFixed(1)} % of the bound`;
    say(
      `${trace.padEnd(48)} ${String(load).padEnd(6)} ${demand.padEnd(9)} ${outcome.padEnd(9)} ${(100 * goodput.mean).toFixed(1)} %  ${gap}; ${bound}`,
    );
  }
  for (const { trace, goodput, lines } of costs) {
    say(`\nCost at a goodput of ${100 * goodput} %: ${trace}`);
    for (const line of lines) {
      const { rentOverOurs: ratio } = line;
      const against = ratio === undefined ? '' : `; ${ratioText(ratio)} times ${ours}'s`;
      say(
        `  ${line.policy.padEnd(22)} load ${loadText(line).padEnd(8)} rent ${usd(line.rentUsdPerGood)}${against}; tokens ${usd(line.tokenUsdPerGood)}`,
      );
    }
  }
}

/** What the sum of the parts came to, in sentences. */
export function sumNotes({ parts, sum, mixed }: SumOfParts): readonly string[] {
  const seeds = mixed[0]?.part.n ?? 0;
  const alone = parts.map(({ pool, policy, perSecond, good }) => `${pool} ${good.mean.toFixed(2)} (of ${perSecond}, ${policy})`);
  const together = mixed.map(({ policy, part }) => `${policy} ${(100 * part.mean).toFixed(1)} ± ${(100 * (part.halfWidth ?? 0)).toFixed(1)} %`);
  return [
    `Sum of the parts: three pools fitted to what others measured; the SLO (TTFT 2 s, TPOT 50 ms) was fixed before fitting. Good requests a second of each alone, at its best rate and policy: ${alone.join(', ')}; sum ${sum.toFixed(2)}.`,
    `Together at that rate, over ${seeds} seeds, where policies with priors get chip figures up to 2 times too high or too low, of the sum: ${together.join(', ')}.`,
  ];
}

function points({ mean, halfWidth }: Spread): string {
  return `${(100 * mean).toFixed(1)}${halfWidth === undefined ? '' : ` ± ${(100 * halfWidth).toFixed(1)}`} points`;
}

function usd(perGood: number | undefined): string {
  return perGood === undefined ? '–' : `${(1000 * perGood).toFixed(4)} USD per 1,000 good`;
}
