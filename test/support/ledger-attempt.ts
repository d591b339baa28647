import type { LedgerAttempt } from '../simulation/outside/oracle.ts';
import type { LedgerRow } from './simulated-gateway.ts';

/** A row of the ledger as the oracle reads it. */
export function ledgerAttempt({ opened, writtenAtMs, closed }: LedgerRow, request: number): LedgerAttempt {
  return {
    request,
    endpointId: opened.endpointId,
    writtenAtMs,
    closes: closed.map(({ state, usage, costUsd }) => ({
      state,
      outputTokens: usage?.outputTokens,
      inputTokens: usage?.inputTokens,
      source: usage?.source,
      costUsd,
    })),
  };
}
