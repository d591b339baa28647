import { attributeCharge } from './attribute-charge.ts';
import type { LedgerDefects } from './ledger-defects.ts';
import { noDefects } from './ledger-defects.ts';
import type { AttemptClosed, AttemptOpened, Charge, Ledger, UsageGrouping, UsageReport, UsageRow } from './ledger.ts';

export interface MemoryLedger extends Ledger {
  readonly health: () => LedgerDefects;
  /** What a crash does: every open attempt becomes unknown. */
  readonly loseProcess: () => void;
}

interface Silicon {
  readonly vendor: string;
  readonly chip: string;
  readonly endpointId: string;
  readonly evidence: string;
}
interface Attempt {
  readonly opened: AttemptOpened;
  state: 'R' | 'S' | 'V' | 'U';
  outcome: string;
  costUsd: number | undefined;
}

interface Part extends Silicon {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number | undefined;
}

const noSilicon: Silicon = { vendor: 'none', chip: 'none', endpointId: 'none', evidence: 'none' };

/** The ledger's meaning without its durability, for tests: the model that the SQLite ledger is compared with. */
export function createMemoryLedger(): MemoryLedger {
  const attempts = new Map<string, Attempt>();
  const charges = new Map<string, Charge>();
  let defects = noDefects;
  return {
    openAttempt: async (opened) => {
      if (attempts.has(opened.attemptId)) defects = { ...defects, duplicateAttempts: defects.duplicateAttempts + 1 };
      else attempts.set(opened.attemptId, { opened, state: 'R', outcome: 'open', costUsd: undefined });
    },
    noteProgress: ({ attemptId, costUsd }) => {
      const attempt = attempts.get(attemptId);
      if (attempt?.state === 'R') attempt.costUsd = costUsd;
    },
    closeAttempt: ({ attemptId, state, outcome, costUsd }: AttemptClosed) => {
      const attempt = attempts.get(attemptId);
      if (attempt?.state === 'R') Object.assign(attempt, { state, outcome, costUsd });
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
        rows: rowsOf(query.groupBy, settled, tried, charges),
      } satisfies UsageReport;
    },
    flush: async () => {},
    close: async () => {},
    health: () => defects,
    loseProcess: () => {
      for (const attempt of attempts.values()) if (attempt.state === 'R') Object.assign(attempt, { state: 'U', outcome: 'process_lost' });
    },
  };
}

function rowsOf(
  groupBy: UsageGrouping,
  charges: readonly Charge[],
  attempts: readonly Attempt[],
  allCharges: ReadonlyMap<string, Charge>,
): readonly UsageRow[] {
  const rows = new Map<string, UsageRow>();
  const add = (key: string, change: Partial<UsageRow>): void => {
    const row = rows.get(key) ?? { key, requests: 0, attempts: 0, inputTokens: 0, outputTokens: 0, usd: 0, unpricedRequests: 0, lostUsd: 0 };
    rows.set(key, {
      key,
      requests: row.requests + (change.requests ?? 0),
      attempts: row.attempts + (change.attempts ?? 0),
      inputTokens: row.inputTokens + (change.inputTokens ?? 0),
      outputTokens: row.outputTokens + (change.outputTokens ?? 0),
      usd: row.usd + (change.usd ?? 0),
      unpricedRequests: row.unpricedRequests + (change.unpricedRequests ?? 0),
      lostUsd: row.lostUsd + (change.lostUsd ?? 0),
    });
  };
  for (const attempt of attempts) {
    const { opened, outcome } = attempt;
    const lostUsd = isLost(attempt, allCharges.get(opened.requestId)) ? (attempt.costUsd ?? 0) : 0;
    add(keyOf(groupBy, { ...opened, outcome, atWallMs: opened.openedAtWallMs }, opened), { attempts: 1, lostUsd });
  }
  for (const charge of charges) {
    const counted = new Set<string>();
    for (const part of partsOf(groupBy, charge)) {
      const key = keyOf(groupBy, { ...charge, atWallMs: charge.settledAtWallMs }, part);
      add(key, { inputTokens: part.inputTokens, outputTokens: part.outputTokens, usd: part.usd ?? 0 });
      if (!counted.has(key)) add(key, { requests: 1, unpricedRequests: charge.chargeUsd === undefined ? 1 : 0 });
      counted.add(key);
    }
  }
  return [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function isLost({ opened, outcome, costUsd = 0 }: Attempt, charge: Charge | undefined): boolean {
  const isCharged = (charge?.chargeUsd ?? 0) > 0 && charge?.segments.some(({ attemptId }) => attemptId === opened.attemptId) === true;
  return outcome !== 'ok' && outcome !== 'open' && costUsd > 0 && !isCharged;
}

const siliconGroupings: readonly UsageGrouping[] = ['vendor', 'endpoint', 'chip', 'evidence'];

function partsOf(groupBy: UsageGrouping, charge: Charge): readonly Part[] {
  const total = { inputTokens: charge.usage.inputTokens, outputTokens: charge.usage.outputTokens, usd: charge.chargeUsd };
  if (!siliconGroupings.includes(groupBy) || charge.segments.length === 0) return [{ ...noSilicon, ...total }];
  const shares = attributeCharge(total, charge.segments);
  return charge.segments.flatMap((segment, index) => {
    const share = shares[index];
    return share === undefined ? [] : [{ ...segment, ...share }];
  });
}

type Asked = Pick<Charge, 'model' | 'tenant' | 'keyId' | 'route' | 'outcome'> & { readonly atWallMs: number };

function keyOf(groupBy: UsageGrouping, request: Asked, silicon: Silicon): string {
  switch (groupBy) {
    case 'model':
      return request.model;
    case 'tenant':
      return request.tenant;
    case 'key':
      return request.keyId ?? '';
    case 'route':
      return request.route;
    case 'outcome':
      return request.outcome;
    case 'day':
      return new Date(request.atWallMs).toISOString().slice(0, 10);
    case 'chip':
      return silicon.chip;
    case 'endpoint':
      return silicon.endpointId;
    case 'evidence':
      return silicon.evidence;
    case 'vendor':
      return silicon.evidence === 'emulated' ? `${silicon.vendor} (emulated)` : silicon.vendor;
  }
}
