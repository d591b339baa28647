import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { LedgerError } from './ledger-error.ts';
import type { SiliconEvidence } from '../fleet/silicon.ts';

/** Stretches of `bucketMs` from `sinceWallMs` to before `untilWallMs`, judged by an SLO of which any part may be absent. */
export interface LoadQuery {
  readonly sinceWallMs: number;
  readonly untilWallMs: number;
  readonly bucketMs: number;
  readonly slo: { readonly ttftMs?: number | undefined; readonly tpotMs?: number | undefined; readonly totalMs?: number | undefined };
}

/** What an endpoint served of a model in one stretch: attempts, by when they were dispatched. */
export interface AttemptLoad {
  readonly atWallMs: number;
  readonly model: string;
  readonly endpointId: string;
  readonly vendor: string;
  readonly chip: string;
  readonly evidence: SiliconEvidence;
  /** Settled, with at least one token. */
  readonly requests: number;
  readonly tokens: number;
  readonly usd: number;
  /** Settled ones that have no price. */
  readonly unpriced: number;
  /** All but those that run, and those that their client left. */
  readonly attempts: number;
  /** Those of them that were answered within the SLO. */
  readonly good: number;
}

/** A report is held in memory. */
const mostRows = 200_000;

const evidences = ['measured', 'attested', 'declared', 'inferred', 'unknown', 'emulated'] as const satisfies readonly SiliconEvidence[];

const loads = z.array(
  z.object({
    atWallMs: z.number(),
    model: z.string(),
    endpointId: z.string(),
    vendor: z.string(),
    chip: z.string(),
    evidence: z.enum(evidences),
    requests: z.number(),
    tokens: z.number(),
    usd: z.number(),
    unpriced: z.number(),
    attempts: z.number(),
    good: z.number(),
  }),
);

export function sumLoads(database: DatabaseSync, { sinceWallMs, untilWallMs, bucketMs, slo }: LoadQuery): readonly AttemptLoad[] {
  // An answer whose first token nobody timed proves nothing where the SLO asks for it.
  const statement = database.prepare(`
    SELECT CAST(opened_at_wall_ms / :bucket AS INTEGER) * :bucket AS atWallMs, model, endpoint_id AS endpointId, vendor, chip, evidence,
      TOTAL(state = 'S' AND input_tokens + output_tokens > 0) AS requests,
      TOTAL(CASE state WHEN 'S' THEN input_tokens + output_tokens END) AS tokens,
      TOTAL(CASE state WHEN 'S' THEN cost_usd END) AS usd, TOTAL(state = 'S' AND cost_usd IS NULL) AS unpriced,
      TOTAL(state <> 'R' AND outcome <> 'client_closed') AS attempts,
      TOTAL(state = 'S' AND outcome = 'ok' AND (:ttft IS NULL OR COALESCE(ttft_ms <= :ttft, 0))
        AND (:tpot IS NULL OR output_tokens < 2 OR COALESCE(duration_ms - ttft_ms <= :tpot * (output_tokens - 1), 0))
        AND (:total IS NULL OR duration_ms <= :total)) AS good
    FROM attempts JOIN labels USING (label_id)
    WHERE opened_at_wall_ms >= :since AND opened_at_wall_ms < :until
    GROUP BY 1, 2, 3, 4, 5, 6 LIMIT :limit`);
  const rows = statement.all({
    bucket: bucketMs,
    ttft: slo.ttftMs ?? null,
    tpot: slo.tpotMs ?? null,
    total: slo.totalMs ?? null,
    since: sinceWallMs,
    until: untilWallMs,
    limit: mostRows + 1,
  });
  if (rows.length > mostRows) throw new LedgerError('failed', `The load of that time has more than ${mostRows} rows: ask for a shorter time.`);
  return loads.parse(rows);
}
