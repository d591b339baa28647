import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { RoutedAttempt } from './request-routing.ts';
import type { TokenUsage } from '../ledger/ledger.ts';

/** What cannot have been worked on, so that it says nothing of an endpoint's speed and used nothing there. */
const unworked: ReadonlySet<AttemptFailure['class']> = new Set([
  'not-sent',
  'refused',
  'once-more',
  'too-long',
  'unsupported-here',
  'client-fault',
  'shed',
]);

/** Tells the routing how one dispatch ended; `usage` as the ledger has it, undefined where nobody told or counted any. */
export function endDispatch(
  routed: RoutedAttempt,
  end: { readonly kind: 'complete' | 'abandoned' } | { readonly kind: 'failed'; readonly failure: AttemptFailure },
  usage: TokenUsage | undefined,
  usd: number | undefined,
  nowMs: number,
): void {
  if (end.kind !== 'failed') return routed.ended({ kind: end.kind === 'complete' ? 'ok' : 'abandoned', usage, usd }, nowMs);
  const { failure } = end;
  const isUnworked = usage === undefined && unworked.has(failure.class) && failure.mayBeBilled !== true;
  if (isUnworked) return routed.ended({ kind: 'refused' }, nowMs);
  const mayHaveRun = failure.class === 'maybe-executed' || failure.mayBeBilled === true;
  const known = usage ?? (mayHaveRun ? undefined : nothingUsed);
  routed.ended({ kind: 'failed', usage: known, usd: usage === undefined ? known && 0 : usd }, nowMs);
}

const nothingUsed: TokenUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, source: 'reserve' };
