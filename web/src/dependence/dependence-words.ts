import { formatMs, vendorName } from '../answer-words.ts';
import type { CapStanding, CapState, DependenceReport, Group, OutageBound, VendorShare } from './dependence-report.ts';

/** Keeps a figure and its sign on one line. */
const glue = '\u00a0';

/** `62 %`, `4.2 %`, `< 0.1 %`: rounded, but a little never reads as nothing, nor nearly all as all. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return `<${glue}0.1${glue}%`;
  if (share > 0.999 && share < 1) return `>${glue}99.9${glue}%`;
  return `${Number((share * 100).toFixed(1))}${glue}%`;
}

/** A lower bound is rounded down, so that it stays one. */
export function atLeastWords(atLeast: number): string {
  if (atLeast >= 1) return 'all of it';
  const whole = Math.floor(atLeast * 100 + 1e-9);
  if (whole > 0) return `at least ${whole}${glue}%`;
  return atLeast > 0 ? `less than 1${glue}% for sure` : 'nothing for sure';
}

/** `834`, `84,200`, `1.24 M`. */
export function countWords(count: number): string {
  if (count >= 1e9) return `${Number((count / 1e9).toFixed(2))} G`;
  return count >= 1e6 ? `${Number((count / 1e6).toFixed(2))} M` : Math.round(count).toLocaleString('en-GB');
}

/** `$1,204.50`, `$0.0042`: small sums keep two digits that mean something. */
export function usdWords(usd: number): string {
  const size = Math.abs(usd);
  const digits =
    size === 0 || size >= 0.1
      ? size.toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
      : Number(size.toPrecision(2)).toLocaleString('en-GB', { maximumFractionDigits: 12 });
  return `${usd < 0 ? '−' : ''}$${digits}`;
}

/** `24 hours`, `5 minutes`, `7 days`. */
export function spanWords(ms: number): string {
  for (const [unit, unitMs] of spans) {
    const count = Number((ms / unitMs).toFixed(1));
    if (count > 1 || (count === 1 && unit !== 'day')) return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
  }
  return formatMs(ms);
}

const spans = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** A vendor by its name; silicon of nobody we know is said to be so. */
export function whoseWords(vendor: string): string {
  return vendor === 'unknown' || vendor === '' ? 'unknown silicon' : vendorName(vendor);
}

/** `NVIDIA`, `chip H100`, `failure domain rack 3`: what a cap holds or a loss takes. */
export function groupWords({ by, name }: Group): string {
  switch (by) {
    case 'vendor':
      return whoseWords(name);
    case 'controlGroup':
      return `control group ${whoseWords(name)}`;
    case 'failureDomain':
      return `failure domain ${name}`;
    default:
      return `${by} ${name}`;
  }
}

/** What the index says to somebody who has never met it: as many equal vendors would be as concentrated. */
export function concentrationWords(index: number | undefined): string {
  if (index === undefined || index <= 0) return 'no tokens yet';
  const equals = 1 / index;
  return equals < 1.05 ? 'all from one' : `like ${equals.toFixed(1)} equal vendors`;
}

export interface StateWords {
  /** A shape, so that colour is not the only sign. */
  readonly sign: string;
  readonly name: string;
  readonly meaning: string;
}

export function capStateWords(state: CapState): StateWords {
  switch (state) {
    case 'below-minimum':
      return { sign: '–', name: 'Not judged yet', meaning: 'too little traffic in this window' };
    case 'room':
      return { sign: '○', name: 'Room', meaning: 'nothing is held back' };
    case 'near':
      return { sign: '◐', name: 'Near', meaning: 'close to the cap' };
    case 'binding':
      return { sign: '●', name: 'Binding', meaning: 'requests go elsewhere to keep it' };
    case 'yielding':
      return { sign: '▲', name: 'Yielding', meaning: 'a loss is declared, so everything may pass' };
  }
}

/** `hard, 60 % of tokens in 1 hour` */
export function capRuleWords({ kind, most, measure, windowMs }: CapStanding): string {
  return `${kind}, ${percent(most)} of ${measure === 'usd' ? 'money' : measure} in ${spanWords(windowMs)}`;
}

/** What a cap moved elsewhere, and what that cost; a cost that nobody knows is said to be unknown. */
export function displacedWords({ displaced: { requests, tokens, extraUsd, extraTtftMs } }: CapStanding): string {
  if (requests === 0) return 'nothing';
  const money = extraUsd === undefined ? 'extra cost unknown' : `${usdWords(extraUsd).replace(/^\$/, '+$')} in money`;
  const wait = extraTtftMs === undefined ? 'extra TTFT unknown' : `${signed(extraTtftMs)} TTFT on average, predicted`;
  return `${countWords(requests)} ${requests === 1 ? 'request' : 'requests'}, ${countWords(tokens)} tokens; ${money}; ${wait}`;
}

function signed(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${formatMs(Math.abs(ms))}`;
}

/** `measured 92 %, declared 8 %`: the most first. */
export function evidenceParts({ evidence, tokens }: VendorShare): readonly { readonly kind: string; readonly part: string }[] {
  return [...evidence]
    .filter(([, count]) => count > 0)
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, count]) => ({ kind, part: percent(tokens > 0 ? count / tokens : 0) }));
}

/** What was left out of a bound, endpoints with the same reason together. */
export function leftOutWords({ leftOut }: OutageBound): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { endpointId, why } of leftOut) byReason.set(why, [...(byReason.get(why) ?? []), endpointId]);
  return [...byReason].map(([why, endpoints]) => `${endpoints.join(', ')}: ${why}`);
}

/** The loss that would hurt most: of the largest vendor, in the model and class that it leaves worst off. */
export function worstWithoutLargest({ shares, outages }: DependenceReport): OutageBound | undefined {
  const largest = shares[0]?.vendor;
  return outages
    .filter(({ lost }) => lost.by === 'vendor' && lost.name === largest)
    .reduce<OutageBound | undefined>((worst, one) => (worst === undefined || one.atLeast < worst.atLeast ? one : worst), undefined);
}

/** `1 binding, 1 near`: what needs a look, or that nothing does. */
export function capsInBrief(caps: readonly CapStanding[]): string {
  if (caps.length === 0) return 'none set';
  const parts = (['yielding', 'binding', 'near'] as const).flatMap((state) => {
    const count = caps.filter((cap) => cap.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return parts.length === 0 ? 'all have room' : parts.join(', ');
}

/** Of which vendor's loss a model would not survive for sure; undefined where no bound tells. */
export function heldBy(model: string, { outages }: DependenceReport): string | undefined {
  const vendors = new Set(
    outages.filter(({ model: of, lost, atLeast }) => of === model && lost.by === 'vendor' && atLeast === 0).map(({ lost }) => lost.name),
  );
  const [only] = vendors;
  return vendors.size === 1 && only !== undefined ? whoseWords(only) : undefined;
}
