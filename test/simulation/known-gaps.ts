/** What the product is known not to do yet, and the oracles see: counted and printed, never silently dropped. */
interface KnownGap {
  /** Of a violation's line. */
  readonly pattern: RegExp;
  readonly why: string;
}

const knownGaps: readonly KnownGap[] = [];

/** Sorts violations into those that are known gaps, counted by reason, and those that are not. */
export function sortViolations(violations: readonly string[]): { readonly news: readonly string[]; readonly known: ReadonlyMap<string, number> } {
  const known = new Map<string, number>();
  const news: string[] = [];
  for (const violation of violations) {
    const gap = knownGaps.find(({ pattern }) => pattern.test(violation));
    if (gap === undefined) news.push(violation);
    else known.set(gap.why, (known.get(gap.why) ?? 0) + 1);
  }
  return { news, known };
}
