import { chart, type Series } from './chart.ts';
import { costSection, partsSection, verdictSection, type Judgement } from './judgement-section.ts';
import { escapeHtml } from './escape-html.ts';
import { summarise, type PolicySummary, type Spread } from '../study/summarise.ts';
import type { CaseResult, Study } from '../study/study.ts';

/** Told apart by people who see few colours too (Okabe and Ito's palette). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000', '#999933', '#882255'];

const style = `
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-size:.92em;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .45rem;border-bottom:1px solid color-mix(in srgb,currentColor 18%,transparent);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(26rem,1fr));gap:1.5rem}
.wide{overflow-x:auto}
figure{margin:0}svg{width:100%;height:auto}
.grid{stroke:currentColor;opacity:.15}.tick,.axis{font-size:11px;fill:currentColor}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;padding:0;margin:.3rem 0;font-size:13px}.key i{display:inline-block;width:1.4rem;margin-right:.4rem;vertical-align:middle}
.held{color:#009e73}.missed{color:#d55e00}.not-shown{opacity:.75}
.note{border-left:4px solid #d55e00;padding:.3rem .9rem}
`;

/** The report as one file: no script, no picture from elsewhere. `notes` say what a reader must know before the figures. */
export function htmlReport(study: Study, notes: readonly string[], judgement?: Judgement): string {
  const summary = summarise(study.results, study.bounds);
  // A policy has one colour in all plots.
  const policies = [...new Set(study.results.map(({ policy }) => policy))];
  const colourOf = (policy: string): string => colours[policies.indexOf(policy) % colours.length] ?? '#000000';
  const traces = [...new Set(summary.map(({ trace }) => trace))];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(study.title)}</title><style>${style}</style></head><body>`,
    `<h1>${escapeHtml(study.title)}</h1>`,
    '<p class="note"><strong>Simulated.</strong> No figure here was measured on any chip. Goodput is the part of all requests, refused ones included, that kept every limit of the SLO.</p>',
    ...(judgement === undefined ? [] : [...verdictSection(judgement), ...partsSection(judgement), '<h2>How it was done</h2>']),
    ...notes.map((note) => `<p>${escapeHtml(note)}</p>`),
    ...(judgement === undefined ? [] : costSection(judgement, summary, colourOf)),
    ...traces.flatMap((trace) =>
      traceSection(
        trace,
        colourOf,
        summary.filter((line) => line.trace === trace),
        study.results.filter((result) => result.trace === trace),
      ),
    ),
    '</body></html>\n',
  ].join('\n');
}

function traceSection(
  trace: string,
  colourOf: (policy: string) => string,
  summary: readonly PolicySummary[],
  results: readonly CaseResult[],
): readonly string[] {
  const policies = [...new Set(summary.map(({ policy }) => policy))];
  const seriesBy = (read: (line: PolicySummary) => Spread): Series[] =>
    policies.map((policy) => ({
      name: policy,
      colour: colourOf(policy),
      points: summary.filter((line) => line.policy === policy).map((line) => ({ x: line.load, y: read(line).mean, halfWidth: read(line).halfWidth })),
    }));
  const bounded = new Map(summary.flatMap(({ load, bound }) => (bound === undefined ? [] : [[load, bound] as const])));
  const bound: Series = { name: 'clairvoyant bound', colour: '#777777', isDashed: true, points: [...bounded].map(([x, y]) => ({ x, y })) };
  const byLoad = (): readonly string[] => [
    chart({
      title: `Goodput by load (${trace})`,
      xTitle: 'load',
      yTitle: 'goodput',
      series: [...seriesBy(({ goodput }) => goodput), ...(bounded.size > 0 ? [bound] : [])],
      yTo: 1,
    }),
    chart({ title: 'TTFT, 99th percentile', xTitle: 'load', yTitle: 'ms', series: seriesBy(({ ttftP99Ms }) => ttftP99Ms), isLogarithmic: true }),
    chart({ title: 'TPOT, 99th percentile', xTitle: 'load', yTitle: 'ms', series: seriesBy(({ tpotP99Ms }) => tpotP99Ms), isLogarithmic: true }),
  ];
  return [
    `<h2>${escapeHtml(trace)}</h2>`,
    '<div class="charts">',
    // Of one load there is no line to draw.
    ...(new Set(summary.map(({ load }) => load)).size > 1 ? byLoad() : []),
    overTime(policies, results, colourOf),
    '</div>',
    ...table(summary),
    ...shareTable(results),
  ];
}

/** How each policy fared over the run, at the highest load and the first seed. */
function overTime(policies: readonly string[], results: readonly CaseResult[], colourOf: (policy: string) => string): string {
  const load = Math.max(...results.map((result) => result.load));
  const series = policies.flatMap((policy): Series[] => {
    const result = results.find((one) => one.policy === policy && one.load === load);
    if (result === undefined) return [];
    const { binMs, goodput } = result.timeline;
    return [{ name: policy, colour: colourOf(policy), points: goodput.map((y, bin) => ({ x: (bin * binMs) / 1000, y })) }];
  });
  return chart({ title: `Goodput over the run, load ${load}, first seed`, xTitle: 'seconds', yTitle: 'goodput', series, yFrom: 0, yTo: 1 });
}

function table(summary: readonly PolicySummary[]): readonly string[] {
  const row = (cells: readonly string[], kind: 'th' | 'td'): string => `<tr>${cells.map((cell) => `<${kind}>${cell}</${kind}>`).join('')}</tr>`;
  return [
    '<div class="wide"><table><thead>',
    row(
      ['policy', 'load', 'goodput', 'of the bound', 'TTFT p99 (ms)', 'TPOT p99 (ms)', 'cached prompt', 'USD per 1,000 good', 'seeds', 'parameters'],
      'th',
    ),
    '</thead><tbody>',
    ...summary.map((line) =>
      row(
        [
          escapeHtml(line.policy),
          String(line.load),
          withInterval(line.goodput, 4),
          line.ofBound === undefined ? '–' : `${(100 * line.ofBound).toFixed(1)} %`,
          withInterval(line.ttftP99Ms, 0),
          withInterval(line.tpotP99Ms, 1),
          `${(100 * line.cachedShare.mean).toFixed(1)} %`,
          line.usdPerGood === undefined ? '–' : (1000 * line.usdPerGood.mean).toFixed(3),
          String(line.goodput.n),
          escapeHtml(line.parameters),
        ],
        'td',
      ),
    ),
    '</tbody></table></div>',
  ];
}

function withInterval({ mean, halfWidth }: Spread, digits: number): string {
  return halfWidth === undefined ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${halfWidth.toFixed(digits)}`;
}

/** Which pool made which part of the tokens, over all seeds. */
function shareTable(results: readonly CaseResult[]): readonly string[] {
  const pools = results[0]?.pools ?? [];
  const groups = Map.groupBy(results, ({ policy, load }) => `${policy}\t${load}`);
  const rows = [...groups].map(([key, group]) => {
    const [policy = '', load = ''] = key.split('\t');
    const tokens = pools.map(({ pool }) => group.reduce((sum, { pools: own }) => sum + (own.find((one) => one.pool === pool)?.outputTokens ?? 0), 0));
    const all = Math.max(
      1,
      tokens.reduce((sum, count) => sum + count, 0),
    );
    return `<tr><td>${escapeHtml(policy)}</td><td>${load}</td>${tokens.map((count) => `<td>${((100 * count) / all).toFixed(1)} %</td>`).join('')}</tr>`;
  });
  return [
    '<details><summary>Who made the tokens</summary><div class="wide"><table><thead>',
    `<tr><th>policy</th><th>load</th>${pools.map(({ pool, vendor }) => `<th>${escapeHtml(pool)} (${escapeHtml(vendor)})</th>`).join('')}</tr></thead><tbody>`,
    ...rows,
    '</tbody></table></div></details>',
  ];
}
