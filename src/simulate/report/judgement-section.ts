import { chart, type Series } from './chart.ts';
import { escapeHtml } from './escape-html.ts';
import type { CostRatio, EqualGoodput } from '../study/equal-goodput.ts';
import type { PolicySummary, Spread } from '../study/summarise.ts';
import type { RivalVerdict, Verdict } from '../study/verdicts.ts';

/** What a study says of ours: verdicts against every rival, and what the same goodput costs under each policy. */
export interface Judgement {
  readonly ours: string;
  readonly verdicts: readonly Verdict[];
  readonly costs: readonly TraceCosts[];
  readonly parts: readonly PartOfSum[];
  /** What ours must have of the sum of the parts at least. */
  readonly partBar: number;
}

/** Good requests of all pools together under a policy ÷ the sum of what each pool has alone. */
export interface PartOfSum {
  readonly policy: string;
  readonly part: Spread;
}

export interface TraceCosts {
  readonly trace: string;
  readonly goodput: number;
  /** Requests a second at load 1. */
  readonly fullRate: number;
  readonly rentUsdPerHour: number;
  readonly lines: readonly EqualGoodput[];
}

/** A policy that keeps fewer than half of its promises costs so much a good request that nothing else could be told apart. */
const leastPlotted = 0.5;

const headings = ['trace', 'load', 'wanted', 'outcome', 'goodput', 'nearest rival', 'ours − rival (95 %)', 'of the bound'];

export function verdictSection({ ours, verdicts }: Judgement): readonly string[] {
  return [
    '<h2>Verdicts</h2>',
    `<p>${escapeHtml(ours)} against every other policy, by differences of goodput with the same seed on the same trace. Held: the whole 95 % interval says so, against every rival. Missed: it says the opposite against at least one. “Not worse” allows half a point.</p>`,
    table(
      headings,
      verdicts.map((verdict) => [
        escapeHtml(verdict.trace),
        String(verdict.load),
        verdict.demand,
        `<strong class="${verdict.outcome.replace(' ', '-')}">${verdict.outcome}</strong>`,
        `${percent(verdict.goodput.mean)} %`,
        escapeHtml(verdict.rivals[0]?.rival ?? '–'),
        verdict.rivals[0] === undefined ? '–' : difference(verdict.rivals[0]),
        verdict.ofBound === undefined ? '–' : `${percent(verdict.ofBound)} %`,
      ]),
    ),
    '<details><summary>Against each rival</summary>',
    table(
      ['trace', 'load', 'rival', 'outcome', 'ours − rival (95 %)', 'seeds'],
      verdicts.flatMap(({ trace, load, rivals }) =>
        rivals.map((rival) => [
          escapeHtml(trace),
          String(load),
          escapeHtml(rival.rival),
          rival.outcome,
          difference(rival),
          String(rival.difference.n),
        ]),
      ),
    ),
    '</details>',
  ];
}

export function partsSection({ ours, parts, partBar }: Judgement): readonly string[] {
  const rows = parts.map(({ policy, part }) => [
    escapeHtml(policy),
    `${percent(part.mean)}${part.halfWidth === undefined ? '' : ` ± ${percent(part.halfWidth)}`} %`,
    policy !== ours ? '' : part.mean >= partBar ? `<strong class="held">held</strong>` : `<strong class="missed">missed</strong>`,
  ]);
  return ['<h2>Sum of the parts</h2>', table(['policy', 'of the sum (95 %)', `at least ${percent(partBar)} %`], rows)];
}

export function costSection({ ours, costs }: Judgement, summary: readonly PolicySummary[], colourOf: (policy: string) => string): readonly string[] {
  return costs.flatMap(({ trace, goodput, fullRate, rentUsdPerHour, lines }) => {
    const rows = lines.toSorted((a, b) => (a.rentUsdPerGood ?? Infinity) - (b.rentUsdPerGood ?? Infinity));
    const series = lines.map(({ policy }): Series => {
      const points = summary
        .filter((line) => line.trace === trace && line.policy === policy && line.goodput.mean >= leastPlotted)
        .map((line) => ({ x: line.goodput.mean, y: (1000 * rentUsdPerHour) / (3600 * fullRate * line.load * line.goodput.mean) }));
      return { name: policy, colour: colourOf(policy), points };
    });
    return [
      `<h2>Cost at equal goodput: ${escapeHtml(trace)}</h2>`,
      `<p>Each policy at the highest load at which it still keeps a goodput of ${percent(goodput)} %; 1.00 is ${fullRate.toFixed(2)} requests a second, the fleet’s rent ${rentUsdPerHour.toFixed(2)} USD an hour.</p>`,
      '<div class="charts">',
      chart({
        title: `Rent by goodput (${trace}): further right and lower is better`,
        xTitle: 'goodput',
        yTitle: 'USD per 1,000 good',
        series,
        yFrom: 0,
      }),
      '</div>',
      table(
        ['policy', 'load', 'rent, USD per 1,000 good', `rent ÷ ${escapeHtml(ours)}’s (95 %)`, 'tokens, USD per 1,000 good'],
        rows.map((line) => [
          escapeHtml(line.policy),
          loadText(line),
          thousand(line.rentUsdPerGood),
          line.rentOverOurs === undefined ? '–' : ratioText(line.rentOverOurs),
          thousand(line.tokenUsdPerGood),
        ]),
      ),
    ];
  });
}

/** Where on the load's axis a policy keeps the goodput. */
export function loadText({ load }: EqualGoodput): string {
  switch (load.kind) {
    case 'none':
      return 'at none';
    case 'least':
      return `≥ ${load.load.toFixed(2)}`;
    case 'found':
      return load.load.toFixed(2);
  }
}

export function ratioText({ ratio, from, to, isLeast }: CostRatio): string {
  return `${isLeast ? '≥ ' : ''}${ratio.toFixed(3)} (${from.toFixed(3)} to ${to.toFixed(3)})`;
}

function difference({ difference: { mean, halfWidth } }: RivalVerdict): string {
  return `${mean < 0 ? '−' : '+'}${percent(Math.abs(mean))}${halfWidth === undefined ? '' : ` ± ${percent(halfWidth)}`} points`;
}

function percent(part: number): string {
  return (100 * part).toFixed(1);
}

function thousand(usd: number | undefined): string {
  return usd === undefined ? '–' : (1000 * usd).toFixed(4);
}

function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = names.map((name) => `<th>${name}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}
