import { formatDuration } from './format-duration.ts';
import { formatTable } from './format-table.ts';
import { formatWhen } from './format-when.ts';
import { printableText } from './printable-text.ts';
import type { DependenceAnswer } from './dependence-answer.ts';

const groupWords: Readonly<Record<string, string>> = {
  vendor: 'vendor',
  controlGroup: 'control group',
  chip: 'chip',
  endpoint: 'endpoint',
  failureDomain: 'failure domain',
};

const stateWords: Readonly<Record<string, string>> = {
  'below-minimum': 'not judged yet: too little traffic in this window',
  room: 'holds, with room',
  near: 'holds, nearly used up',
  binding: 'holds, and keeps requests away',
  yielding: 'YIELDS: another vendor is lost',
};
const mostOutages = 40;

/** The report in words that need no manual, each figure with how it is known. */
export function describeDependence(answer: DependenceAnswer): string {
  const head = `${printableText(answer.sentence)}\n\nOver the last ${formatDuration(answer.windowMs)}, as of ${formatWhen(answer.asOfWallMs)}.\n`;
  return [head, alone(answer), shares(answer), concentration(answer), caps(answer), outages(answer)].filter((part) => part !== '').join('\n');
}

function alone({ withoutSecondSource: models }: DependenceAnswer): string {
  if (models.length === 0) return '';
  return `Models without a second source (one vendor's silicon alone serves them): ${models.map(printableText).join(', ')}\n`;
}

function shares({ shares: all, emulatedTokens }: DependenceAnswer): string {
  const apart =
    emulatedTokens > 0 ? `Apart from these, and no vendor's: ${emulatedTokens} emulated tokens, made by emulators that behave like a chip.\n` : '';
  if (all.length === 0) return `Whose silicon made the tokens: none was made by real silicon.\n${apart}`;
  const rows = all.map(({ vendor, controlGroup, share, tokens, requests, usd, evidence }) => [
    vendor,
    controlGroup,
    percent(share),
    String(tokens),
    String(requests),
    usd === undefined ? 'unknown' : usd.toFixed(6),
    Object.entries(evidence)
      .map(([known, count]) => (count === tokens ? known : `${known} ${percent(count / Math.max(1, tokens))}`))
      .join(', '),
  ]);
  const table = formatTable(
    [
      { title: 'VENDOR', least: 8 },
      { title: 'CONTROLLED BY', least: 8 },
      { title: 'SHARE', align: 'right' },
      { title: 'TOKENS', align: 'right' },
      { title: 'REQUESTS', align: 'right' },
      { title: 'USD', align: 'right' },
      { title: 'KNOWN BY', least: 12 },
    ],
    rows,
  );
  return `Whose silicon made the tokens, by the ledger:\n${table}${apart}`;
}

function concentration({ concentration: { vendor, controlGroup } }: DependenceAnswer): string {
  if (vendor === undefined) return '';
  const groups = controlGroup === undefined || controlGroup === vendor ? '' : `, ${controlGroup.toFixed(2)} by who controls them`;
  return `Concentration (HHI; 1.00 means that one vendor has everything): ${vendor.toFixed(2)}${groups}\n`;
}

function caps({ caps: all }: DependenceAnswer): string {
  if (all.length === 0) return 'No caps are set. One is set by: second-source config set caps/NAME \'{"vendor":"nvidia","mostPercent":30}\'\n';
  const lines = all.map(({ group, measure, kind, most, windowMs, share, state, displaced }) => {
    const what = `${groupWords[group.by] ?? group.by} ${group.name}: at most ${percent(most)} of ${measure} in each ${formatDuration(windowMs)} (${kind})`;
    const now = `now ${percent(share)}; ${stateWords[state] ?? state}`;
    return printableText(`  ${what}; ${now}. ${displacedWords(displaced)}`);
  });
  return `Caps (unknown silicon counts against each; shares are of the window that runs):\n${lines.join('\n')}\n`;
}

function displacedWords({ requests, tokens, extraUsd, extraTtftMs }: DependenceAnswer['caps'][number]['displaced']): string {
  if (requests === 0) return 'It has sent nothing elsewhere.';
  const cost =
    extraUsd === undefined
      ? 'at a cost that is not known'
      : `for ${extraUsd < 0 ? 'less: ' : ''}${Math.abs(extraUsd).toFixed(6)} USD${extraUsd < 0 ? '' : ' more'}`;
  const time =
    extraTtftMs === undefined ? '' : ` and ${Math.abs(Math.round(extraTtftMs))} ms ${extraTtftMs < 0 ? 'sooner' : 'later'} in the mean, as predicted`;
  return `It has sent ${requests} requests (${Math.round(tokens)} tokens) elsewhere, ${cost}${time}.`;
}

function outages({ outages: all, withoutSecondSource }: DependenceAnswer): string {
  if (all.length === 0) return 'What would happen without a vendor cannot be told: no real silicon served anything in this time.\n';
  const rows = all
    .slice(0, mostOutages)
    .map(({ model, sloClass, lost, atLeast, peakTokensPerSecond, leftOut }) => [
      `${withoutSecondSource.includes(model) ? '! ' : ''}${model}`,
      sloClass,
      `${groupWords[lost.by] ?? lost.by} ${lost.name}`,
      percent(atLeast),
      peakTokensPerSecond.toFixed(1),
      leftOut.map(({ endpointId, why }) => `${endpointId}: ${why}`).join('; '),
    ]);
  const table = formatTable(
    [
      { title: 'MODEL', least: 12 },
      { title: 'SLO', least: 4 },
      { title: 'WITHOUT', least: 16 },
      { title: 'AT LEAST', align: 'right' },
      { title: 'PEAK TOKENS/S', align: 'right' },
      { title: 'NOT COUNTED', least: 16 },
    ],
    rows,
  );
  const more = all.length > mostOutages ? `… and ${all.length - mostOutages} more: --json shows all.\n` : '';
  return `If one were lost: the part of the peak load that the others could surely serve, by what they were seen to serve or\nare declared to (a lower bound):\n${table}${more}`;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
