import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { databasePath } from '../../src/ledger/journal-file.ts';
import type { CountedCall } from './counting-upstream.ts';

const attemptRows = z.array(
  z.object({
    attempt_id: z.string(),
    request_id: z.string(),
    state: z.enum(['R', 'S', 'V', 'U']),
    usage_source: z.string().nullable(),
    input_tokens: z.number().nullable(),
    output_tokens: z.number().nullable(),
    resolved_by: z.string().nullable(),
  }),
);
const chargeRows = z.array(z.object({ request_id: z.string(), outcome: z.string(), input_tokens: z.number(), output_tokens: z.number() }));

export interface Reconciliation {
  readonly attempts: number;
  readonly settled: number;
  readonly unknown: number;
  /** Those of the settled ones whose end only the vendor's log told. */
  readonly byVendor: number;
  readonly charges: number;
  /** Attempts that were written before their request reached the upstream. */
  readonly neverArrived: number;
  /** Clients that had a whole answer that is not charged: the process died before its journal had the charge. */
  readonly deliveredUnsettled: number;
  /** One sentence for each thing that the ledger and the upstream's own bill say differently. */
  readonly mismatches: readonly string[];
}

/**
 * Compares the ledger on disk with the upstream's own account of its calls, while nothing is in flight. `delivered`
 * are the ids of the requests whose clients had a whole answer.
 */
export function reconcileLedger(directory: string, calls: readonly CountedCall[], delivered: readonly string[] = []): Reconciliation {
  const database = new DatabaseSync(databasePath(directory), { readOnly: true });
  try {
    const attempts = attemptRows.parse(
      database.prepare('SELECT attempt_id, request_id, state, usage_source, input_tokens, output_tokens, resolved_by FROM attempts').all(),
    );
    const charges = chargeRows.parse(database.prepare('SELECT request_id, outcome, input_tokens, output_tokens FROM charges').all());
    const settled = attempts.filter(({ state }) => state === 'S');
    const unknown = attempts.filter(({ state }) => state === 'U');
    const charged = new Set(charges.map(({ request_id: id }) => id));
    const neverArrived = attempts.length - calls.length;
    return {
      attempts: attempts.length,
      settled: settled.length,
      unknown: unknown.length,
      byVendor: settled.filter(({ resolved_by: by }) => by === 'vendor').length,
      charges: charges.length,
      neverArrived,
      deliveredUnsettled: delivered.filter((id) => !charged.has(id)).length,
      mismatches: [
        ...attempts.filter(({ state }) => state === 'R' || state === 'V').map(({ attempt_id: id, state }) => `attempt ${id} is ${state}`),
        ...settledMismatches(settled, calls),
        ...chargeMismatches(charges, settled),
        ...(neverArrived < 0 ? [`the upstream saw ${-neverArrived} calls that the ledger does not know`] : []),
      ],
    };
  } finally {
    database.close();
  }
}

type Attempts = z.infer<typeof attemptRows>;

function settledMismatches(settled: Attempts, calls: readonly CountedCall[]): string[] {
  const seen = new Set<number>();
  return settled.flatMap(({ attempt_id: id, usage_source: source, input_tokens: number, output_tokens: tokens, resolved_by: by }) => {
    const call = calls[(number ?? 0) - 1];
    if (source !== 'upstream' || call === undefined) return [`attempt ${id} is settled by ${source}, as no call of the upstream`];
    if (seen.has(call.number)) return [`call ${call.number} is settled twice`];
    seen.add(call.number);
    if (by === 'vendor') return call.sent === tokens ? [] : [`attempt ${id} is settled with ${tokens} tokens, and the vendor sent ${call.sent}`];
    if (call.state !== 'whole') return [`attempt ${id} is settled, and its call ${call.number} was ${call.state}`];
    return call.tokens === tokens ? [] : [`attempt ${id} has ${tokens} tokens, its call ${call.number} sent ${call.tokens}`];
  });
}

function chargeMismatches(charges: z.infer<typeof chargeRows>, settled: Attempts): string[] {
  const byRequest = new Map(settled.map((attempt) => [attempt.request_id, attempt]));
  const charged = new Set(charges.map(({ request_id: id }) => id));
  return [
    ...(charged.size === charges.length ? [] : ['a request is charged twice']),
    ...charges.flatMap(({ request_id: id, outcome, input_tokens: input, output_tokens: output }) => {
      const attempt = byRequest.get(id);
      if (outcome !== 'ok') return [`request ${id} is charged as ${outcome}`];
      return attempt?.input_tokens === input && attempt.output_tokens === output ? [] : [`the charge of ${id} is not what its attempt used`];
    }),
    // What the vendor's log settled is our loss: the client never had it whole.
    ...settled
      .filter(({ request_id: id, resolved_by: by }) => by === null && !charged.has(id))
      .map(({ request_id: id }) => `request ${id} is settled and not charged`),
  ];
}
