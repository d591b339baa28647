import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

/** What a vendor should bill for one day and model, by our own account: attempts, whatever clients were charged. */
export interface AttemptSum {
  /** Of UTC, by when the attempt was opened. */
  readonly day: string;
  readonly model: string;
  readonly keyId: string;
  readonly attempts: number;
  /** Those of them that are open or unknown: their tokens are missing below. */
  readonly unsettled: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  /** Settled attempts that have no price. */
  readonly unpriced: number;
}

export interface AttemptSumQuery {
  readonly sinceWallMs: number;
  readonly untilWallMs: number;
  /** One of the two where only a vendor's or an endpoint's attempts count. */
  readonly vendor: string | undefined;
  readonly endpointId: string | undefined;
  readonly byKey: boolean;
}

const sums = z.array(
  z.object({
    day: z.string(),
    model: z.string(),
    keyId: z.string(),
    attempts: z.number(),
    unsettled: z.number(),
    inputTokens: z.number(),
    cachedInputTokens: z.number(),
    outputTokens: z.number(),
    costUsd: z.number(),
    unpriced: z.number(),
  }),
);

export function sumAttempts(database: DatabaseSync, query: AttemptSumQuery): readonly AttemptSum[] {
  // What runs on an emulator is nobody's bill.
  const statement = database.prepare(`
    SELECT strftime('%Y-%m-%d', CAST(opened_at_wall_ms / 1000 AS INTEGER), 'unixepoch') AS day, model,
      CASE WHEN :byKey THEN key_id ELSE '' END AS keyId, COUNT(*) AS attempts, TOTAL(state IN ('R', 'U')) AS unsettled,
      TOTAL(CASE state WHEN 'S' THEN input_tokens END) AS inputTokens, TOTAL(CASE state WHEN 'S' THEN cached_input_tokens END) AS cachedInputTokens,
      TOTAL(CASE state WHEN 'S' THEN output_tokens END) AS outputTokens, TOTAL(CASE state WHEN 'S' THEN cost_usd END) AS costUsd,
      TOTAL(state = 'S' AND cost_usd IS NULL) AS unpriced
    FROM attempts JOIN labels USING (label_id)
    WHERE opened_at_wall_ms >= :since AND opened_at_wall_ms < :until AND evidence <> 'emulated'
      AND (:vendor IS NULL OR vendor = :vendor) AND (:endpoint IS NULL OR endpoint_id = :endpoint)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`);
  return sums.parse(
    statement.all({
      byKey: query.byKey ? 1 : 0,
      since: query.sinceWallMs,
      until: query.untilWallMs,
      vendor: query.vendor ?? null,
      endpoint: query.endpointId ?? null,
    }),
  );
}
