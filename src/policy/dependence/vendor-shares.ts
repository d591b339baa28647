import type { DependenceReport, VendorShare } from './dependence-report.ts';
import type { LoadRow } from './load-row.ts';

interface Sums {
  tokens: number;
  requests: number;
  usd: number;
  unpriced: number;
  readonly evidence: Record<string, number>;
}

/** Each vendor's part of all tokens, the largest first. What is emulated is nobody's. */
export function vendorShares(rows: readonly LoadRow[], controlGroupOf: (vendor: string) => string): readonly VendorShare[] {
  const sums = new Map<string, Sums>();
  let whole = 0;
  for (const { vendor, evidence, tokens, requests, usd, unpriced } of rows) {
    if (evidence === 'emulated') continue;
    const sum = sums.get(vendor) ?? { tokens: 0, requests: 0, usd: 0, unpriced: 0, evidence: {} };
    sums.set(vendor, sum);
    sum.tokens += tokens;
    sum.requests += requests;
    sum.usd += usd;
    sum.unpriced += unpriced;
    sum.evidence[evidence] = (sum.evidence[evidence] ?? 0) + tokens;
    whole += tokens;
  }
  return [...sums]
    .map(([vendor, { tokens, requests, usd, unpriced, evidence }]) => ({
      vendor,
      controlGroup: controlGroupOf(vendor),
      share: whole === 0 ? 0 : tokens / whole,
      tokens,
      requests,
      usd: unpriced > 0 ? undefined : usd,
      evidence,
    }))
    .toSorted((a, b) => b.tokens - a.tokens || (a.vendor < b.vendor ? -1 : 1));
}

/** Herfindahl–Hirschman index: the sum of squared shares. Unknown silicon is taken for one vendor's. Undefined without a token. */
export function concentrationOf(shares: readonly VendorShare[]): DependenceReport['concentration'] {
  const index = (nameOf: (share: VendorShare) => string): number | undefined => {
    const bySomebody = new Map<string, number>();
    for (const one of shares) bySomebody.set(nameOf(one), (bySomebody.get(nameOf(one)) ?? 0) + one.share);
    const sum = [...bySomebody.values()].reduce((total, share) => total + share * share, 0);
    return sum === 0 ? undefined : sum;
  };
  return { vendor: index(({ vendor }) => vendor), controlGroup: index(({ controlGroup }) => controlGroup) };
}

export function emulatedTokens(rows: readonly LoadRow[]): number {
  return rows.reduce((sum, { evidence, tokens }) => sum + (evidence === 'emulated' ? tokens : 0), 0);
}

/** Tokens of each vendor over time, in stretches of `bucketMs`; stretches without any are left out. */
export function sharesOverTime(rows: readonly LoadRow[], bucketMs: number): DependenceReport['overTime'] {
  const points = new Map<number, Record<string, number>>();
  for (const { atWallMs, vendor, evidence, tokens } of rows) {
    if (evidence === 'emulated' || tokens === 0) continue;
    const at = Math.floor(atWallMs / bucketMs) * bucketMs;
    const point = points.get(at) ?? {};
    points.set(at, point);
    point[vendor] = (point[vendor] ?? 0) + tokens;
  }
  return { bucketMs, points: [...points].toSorted(([a], [b]) => a - b).map(([atWallMs, tokens]) => ({ atWallMs, tokens })) };
}
