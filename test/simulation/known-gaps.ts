/** What the product is known not to do yet, and the oracles see: counted and printed, never silently dropped. */
export interface KnownGap {
  /** Of a violation's line. */
  readonly pattern: RegExp;
  readonly why: string;
}

export const knownGaps: readonly KnownGap[] = [
  { pattern: /a reserve of 0, though tokens were computed/, why: 'tool-call arguments are not among the counted characters (67)' },
  { pattern: /left with content, and charged nothing/, why: 'tool-call arguments are not among the counted characters (80)' },
  { pattern: /\d+ chunks of usage/, why: 'a usage chunk with an invalid usage is passed on unasked (68, 69)' },
  { pattern: /void, though \d+ tokens were computed/, why: 'what failed after a 200 is booked as void and not as unknown (30, 55)' },
  { pattern: /the ids are .*other/, why: 'a changed id in mid-stream is not put right (64)' },
  { pattern: /whose\?|-1 of \d+ tokens/, why: 'a choice that was not asked for is passed on (64)' },
  { pattern: /of \d+ tokens in a complete tool/, why: 'cut tool-call arguments pass in a stream (70)' },
  {
    pattern: /fault 26: expected: .*seen: (failed over|refused: 502 upstream_malformed)/,
    why: 'a JSON body for a stream is not yet made a stream (26)',
  },
  { pattern: /fault 35: .*upstream_error$/, why: 'a compressed body is not yet refused by its head (35)' },
  { pattern: /fault 53: .*seen: continued/, why: 'an event over the limit is continued after, not told (53)' },
  { pattern: /fault 64: expected: .*seen: passed/, why: 'a choice that was not asked for is passed on (64)' },
  { pattern: /fault 65: .*seen: refused: 502 upstream_malformed/, why: 'a stream without choices is told as malformed, not as empty (65)' },
  { pattern: /fault 70: expected: .*seen: passed/, why: 'cut tool-call arguments pass in a stream (70)' },
  { pattern: /was never told to stop/, why: 'an endpoint that goes on after [DONE] is not hung up on (58)' },
];

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
