import { attributeCharge } from './attribute-charge.ts';
import type { LedgerDefects } from './ledger-defects.ts';
import { noDefects } from './ledger-defects.ts';
import type { AttemptClosed, AttemptOpened, Charge, Ledger, UsageQuery, UsageReport, UsageRow } from './ledger.ts';

export interface MemoryLedger extends Ledger {
  readonly health: () => LedgerDefects;
  /** What a crash does: every open attempt becomes unknown. */
  readonly loseProcess: () => void;
}

interface Silicon {
  readonly vendor: string;
  readonly endpointId: string;
  readonly evidence: string;
}
interface Part extends Silicon {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number | undefined;
}

const noSilicon: Silicon = { vendor: 'none', endpointId: 'none', evidence: 'none' };

/** The ledger's meaning without its durability, for tests: the model that the SQLite ledger is compared with. */
export function createMemoryLedger(): MemoryLedger {
  const attempts = new Map<string, { readonly opened: AttemptOpened; state: 'R' | 'S' | 'V' | 'U' }>();
  const charges = new Map<string, Charge>();
  let defects = noDefects;
  return {
    openAttempt: async (opened) => {
      if (attempts.has(opened.attemptId)) defects = { ...defects, duplicateAttempts: defects.duplicateAttempts + 1 };
      else attempts.set(opened.attemptId, { opened, state: 'R' });
    },
    closeAttempt: ({ attemptId, state }: AttemptClosed) => {
      const attempt = attempts.get(attemptId);
      if (attempt?.state === 'R') attempt.state = state;
      else defects = { ...defects, ignoredCloses: defects.ignoredCloses + 1 };
    },
    charge: (charge) => {
      if (charges.has(charge.requestId)) defects = { ...defects, duplicateCharges: defects.duplicateCharges + 1 };
      else charges.set(charge.requestId, charge);
    },
    usage: async (query) => {
      const isWithin = (wallMs: number): boolean => wallMs >= (query.sinceWallMs ?? -Infinity) && wallMs < (query.untilWallMs ?? Infinity);
      const tried = [...attempts.values()].filter(({ opened }) => isWithin(opened.openedAtWallMs));
      const report = {
        openAttempts: tried.filter(({ state }) => state === 'R').length,
        unknownAttempts: tried.filter(({ state }) => state === 'U').length,
      };
      const settled = [...charges.values()].filter((charge) => isWithin(charge.settledAtWallMs));
      return {
        ...report,
        rows: rowsOf(
          query.groupBy,
          settled,
          tried.map(({ opened }) => opened),
        ),
      } satisfies UsageReport;
    },
    flush: async () => {},
    close: async () => {},
    health: () => defects,
    loseProcess: () => {
      for (const attempt of attempts.values()) if (attempt.state === 'R') attempt.state = 'U';
    },
  };
}

function rowsOf(groupBy: UsageQuery['groupBy'], charges: readonly Charge[], attempts: readonly AttemptOpened[]): readonly UsageRow[] {
  const rows = new Map<string, UsageRow>();
  const add = (key: string, change: Partial<UsageRow>): void => {
    const row = rows.get(key) ?? { key, requests: 0, attempts: 0, inputTokens: 0, outputTokens: 0, usd: 0, unpricedRequests: 0 };
    rows.set(key, {
      key,
      requests: row.requests + (change.requests ?? 0),
      attempts: row.attempts + (change.attempts ?? 0),
      inputTokens: row.inputTokens + (change.inputTokens ?? 0),
      outputTokens: row.outputTokens + (change.outputTokens ?? 0),
      usd: row.usd + (change.usd ?? 0),
      unpricedRequests: row.unpricedRequests + (change.unpricedRequests ?? 0),
    });
  };
  for (const attempt of attempts) add(keyOf(groupBy, attempt, attempt), { attempts: 1 });
  for (const charge of charges) {
    const counted = new Set<string>();
    for (const part of partsOf(groupBy, charge)) {
      const key = keyOf(groupBy, charge, part);
      add(key, { inputTokens: part.inputTokens, outputTokens: part.outputTokens, usd: part.usd ?? 0 });
      if (!counted.has(key)) add(key, { requests: 1, unpricedRequests: charge.chargeUsd === undefined ? 1 : 0 });
      counted.add(key);
    }
  }
  return [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function partsOf(groupBy: UsageQuery['groupBy'], charge: Charge): readonly Part[] {
  const total = { inputTokens: charge.usage.inputTokens, outputTokens: charge.usage.outputTokens, usd: charge.chargeUsd };
  if (groupBy === 'model' || groupBy === 'tenant' || charge.segments.length === 0) return [{ ...noSilicon, ...total }];
  const shares = attributeCharge(total, charge.segments);
  return charge.segments.flatMap((segment, index) => {
    const share = shares[index];
    return share === undefined ? [] : [{ ...segment, ...share }];
  });
}

function keyOf(groupBy: UsageQuery['groupBy'], request: { readonly model: string; readonly tenant: string }, silicon: Silicon): string {
  switch (groupBy) {
    case 'model':
      return request.model;
    case 'tenant':
      return request.tenant;
    case 'endpoint':
      return silicon.endpointId;
    case 'evidence':
      return silicon.evidence;
    case 'vendor':
      return silicon.evidence === 'emulated' ? `${silicon.vendor} (emulated)` : silicon.vendor;
  }
}
