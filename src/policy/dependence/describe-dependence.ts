import type { OutageBound, VendorShare } from './dependence-report.ts';

/** How dependent it is, and what would happen without the largest vendor, for somebody who reads only this. */
export function describeDependence(shares: readonly VendorShare[], outages: readonly OutageBound[], withoutSecond: readonly string[]): string {
  const [largest] = shares;
  if (largest === undefined || largest.tokens === 0)
    return `No real silicon has made any token in this time, so nothing can be said of dependence yet.${alone(withoutSecond)}`;
  const name = largest.vendor === 'unknown' ? 'silicon that nobody knows' : largest.vendor;
  const part = `${percent(largest.share)} of all tokens came from ${name}`;
  const bounds = outages.filter(({ lost }) => lost.by === 'vendor' && lost.name === largest.vendor);
  if (largest.vendor === 'unknown')
    return `${part}; until it is declared, it counts against every cap and stands in for nobody.${alone(withoutSecond)}`;
  if (bounds.length === 0) return `${part}; what would happen without it cannot be told, because it serves nothing now.${alone(withoutSecond)}`;
  const peak = bounds.reduce((sum, { peakTokensPerSecond }) => sum + peakTokensPerSecond, 0);
  const served = bounds.reduce((sum, { atLeast, peakTokensPerSecond }) => sum + atLeast * peakTokensPerSecond, 0);
  const rest = peak === 0 ? 0 : served / peak;
  const without =
    rest === 0
      ? 'nothing that was seen or declared could serve'
      : rest >= 0.995
        ? 'the others could serve all of'
        : `the others could surely serve ${percent(rest)} of`;
  return `${part}; without it, ${without} the peak load.${alone(withoutSecond)}`;
}

function alone(models: readonly string[]): string {
  if (models.length === 0) return '';
  const listed = models.slice(0, 3).join(', ') + (models.length > 3 ? ` and ${models.length - 3} more` : '');
  return ` No second source: ${listed}.`;
}

function percent(part: number): string {
  const value = part * 100;
  return `${value > 0 && value < 1 ? '<1' : value < 100 && value > 99 ? '>99' : Math.round(value).toString()} %`;
}
