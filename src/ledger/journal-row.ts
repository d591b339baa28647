/** What the lines of a journal say, flat as the database's columns; `null` is what nobody knows. */
export interface OpenedRow {
  readonly attemptId: string;
  readonly requestId: string;
  readonly ordinal: number;
  readonly reason: string;
  readonly openedAtWallMs: number;
  readonly reservedInputTokens: number;
  readonly reservedOutputTokens: number;
  /** As `labelText` writes them. */
  readonly labels: string;
}

export interface ProgressRow {
  readonly attemptId: string;
  readonly costUsd: number | null;
  readonly usageSource: string;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

export interface ClosedRow {
  readonly attemptId: string;
  readonly state: string;
  readonly outcome: string;
  readonly costUsd: number | null;
  readonly ttftMs: number | null;
  readonly durationMs: number | null;
  readonly usageSource: string | null;
  readonly inputTokens: number | null;
  readonly cachedInputTokens: number | null;
  readonly outputTokens: number | null;
}

export interface ChargeRow {
  readonly requestId: string;
  readonly outcome: string;
  readonly attempts: number;
  readonly chargeUsd: number | null;
  readonly settledAtWallMs: number;
  readonly usageSource: string;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** The only segment, or the first one. */
  readonly attemptId: string | null;
  readonly producedTokens: number;
  readonly characters: number;
  readonly labels: string;
  readonly probableRetry: boolean;
  /** All segments, where there are several. */
  readonly segments: readonly SegmentRow[];
}

export interface SegmentRow {
  readonly attemptId: string;
  readonly producedTokens: number;
  readonly characters: number;
  readonly labels: string;
}

export type JournalRecord =
  | { readonly kind: 'open'; readonly record: OpenedRow }
  | { readonly kind: 'progress'; readonly record: ProgressRow }
  | { readonly kind: 'close'; readonly record: ClosedRow }
  | { readonly kind: 'charge'; readonly record: ChargeRow };
