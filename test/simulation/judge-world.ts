import { compareWithBills, judgeAnswer, type BilledPrice, type LedgerCharge, type Verdict } from './outside/oracle.ts';
import { ledgerAttempt } from '../support/ledger-attempt.ts';
import { regionOf, staysInEurope, type DrawnWorld } from './draw-world.ts';
import { promptTokenCount } from './outside/counted-answer.ts';
import type { Charge } from '../../src/ledger/ledger.ts';
import type { ClientRecord } from './outside/counting-client.ts';
import type { ClientView } from './outside/read-response.ts';
import type { SimulatedEngines } from '../support/simulated-engines.ts';
import type { SimulatedGateway } from '../support/simulated-gateway.ts';

export interface EndedWorld {
  readonly seed: number;
  readonly drawn: DrawnWorld;
  readonly records: readonly ClientRecord[];
  readonly engines: SimulatedEngines;
  readonly gateway: SimulatedGateway;
  readonly virtualMs: number;
  /** Whether something would still happen, long after all should be over. */
  readonly goesOn: boolean;
}

export interface WorldReport {
  readonly seed: number;
  readonly mood: DrawnWorld['mood'];
  readonly requests: number;
  readonly attempts: number;
  readonly unknownAttempts: number;
  readonly charges: number;
  readonly chargedUsd: number;
  readonly calls: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly continued: number;
  readonly virtualMs: number;
  /** One line each; none in a world in which all went as it must. */
  readonly violations: readonly string[];
}

/** How soon after a client was lost its engines must have been told to stop. */
const abortWithinMs = 100;
const noPrice: BilledPrice = { input: 0, output: 0 };

function requestOf(tenant: string): number {
  return Number(tenant.split('.')[1] ?? -1);
}

function chargeOf({ requestId, tenant, outcome, usage, chargeUsd }: Charge): LedgerCharge {
  return { request: requestOf(tenant), requestId, outcome, outputTokens: usage.outputTokens, source: usage.source, chargeUsd };
}

/** Compares what clients, engines and ledger say of a world that has ended. */
export function judgeWorld({ seed, drawn, records, engines, gateway, virtualMs, goesOn }: EndedWorld): WorldReport {
  const violations: string[] = goesOn ? ['the world never ends'] : [];
  const verdicts: Record<Verdict, number> = { complete: 0, 'honest error': 0, refused: 0, left: 0, stalled: 0 };
  const attempts = gateway.rows.map((row) => ledgerAttempt(row, requestOf(row.opened.tenant)));
  const charges = Map.groupBy(gateway.charges.map(chargeOf), ({ request }) => request);
  const prices = new Map(drawn.endpoints.map(({ id, price }) => [id, price]));
  let continued = 0;
  for (const record of records) {
    const { request } = record.plan;
    const { view, verdict, wrong } = judgeAnswer(record);
    verdicts[verdict] += 1;
    if (view.segments.length > 1) continued += 1;
    for (const what of wrong) violations.push(`request ${request}: ${what}`);
    const dispatched = attempts.some((attempt) => attempt.request === request);
    const charge = chargeFor(record, view, charges.get(request) ?? []);
    const why =
      (isUnwritten(view, gateway) ? undefined : wrongCharge(charge, dispatched, verdict, record, view)) ??
      wrongPrice(charge, verdict, view, (id) => prices.get(id) ?? noPrice);
    if (why !== undefined) violations.push(`request ${request}: ${why}`);
  }
  violations.push(...compareWithBills(attempts, engines.calls, (id) => prices.get(id) ?? noPrice), ...engines.wrongs);
  violations.push(...doubleCharges(charges, records));
  violations.push(...strays(records, engines));
  violations.push(...lateAborts(records, engines, new Set(drawn.endpoints.flatMap(({ id, billsAbandoned }) => (billsAbandoned ? [id] : [])))));
  violations.push(...gateway.reports.filter((report) => drawn.ledgerFailure === 0 || !report.includes('disk is full')));
  for (const { id, running } of gateway.fleet.status()) if (running !== 0) violations.push(`${id} still counts ${running} running requests`);
  for (const [attemptId, times] of gateway.ends) if (times !== 1) violations.push(`the routing was told ${times} times that ${attemptId} ended`);
  for (const { opened } of gateway.rows) if (!gateway.ends.has(opened.attemptId)) violations.push(`the routing was not told of ${opened.attemptId}`);
  if (drawn.mood === 'outage' && attempts.length > mostAttempts(records.length, virtualMs))
    violations.push(`${attempts.length} attempts for ${records.length} requests`);
  return {
    seed,
    mood: drawn.mood,
    requests: records.length,
    attempts: attempts.length,
    unknownAttempts: attempts.filter(({ closes }) => closes[0]?.state === 'U').length,
    charges: gateway.charges.length,
    chargedUsd: gateway.charges.reduce((sum, { chargeUsd }) => sum + (chargeUsd ?? 0), 0),
    calls: engines.calls.length,
    verdicts,
    continued,
    virtualMs,
    violations,
  };
}

/** In a full outage: a fifth more than the requests, and three a second, over each window of ten seconds begun. */
function mostAttempts(requests: number, virtualMs: number): number {
  return requests * 1.2 + 30 * Math.ceil(virtualMs / 10_000 + 1);
}

/** A request that is sent again under its key may run again where it had failed; its answer names the run that it is of. */
function chargeFor({ plan }: ClientRecord, { headers }: ClientView, charges: readonly LedgerCharge[]): LedgerCharge | undefined {
  return charges.find(({ requestId }) => requestId === headers.get('x-request-id')) ?? (plan.idempotencyKey === undefined ? charges[0] : undefined);
}

/** One charge a run, and one whole answer a request, however often it was sent. */
function doubleCharges(charges: ReadonlyMap<number, readonly LedgerCharge[]>, records: readonly ClientRecord[]): readonly string[] {
  const times = Map.groupBy(records, ({ plan }) => plan.request);
  return [...charges].flatMap(([request, all]) => {
    const runs = new Set(all.map(({ requestId }) => requestId)).size;
    const whole = all.filter(({ outcome }) => outcome === 'ok').length;
    return runs === all.length && whole <= 1 && all.length <= (times.get(request)?.length ?? 0) ? [] : [`request ${request}: ${all.length} charges`];
  });
}

/** What cannot be written down is not charged either: so the client was told, or, where it did not listen, the operator. */
function isUnwritten({ errorCode, headers }: ClientView, { reports }: SimulatedGateway): boolean {
  const id = headers.get('x-request-id');
  return errorCode === 'ledger_unavailable' || (id !== undefined && reports.some((report) => report.startsWith(`${id}: The ledger`)));
}

function wrongCharge(
  charge: LedgerCharge | undefined,
  dispatched: boolean,
  verdict: Verdict,
  record: ClientRecord,
  view: ClientView,
): string | undefined {
  // Whoever comes again may be turned away while the first one is answered, which costs nothing.
  const isOwn = record.plan.key.startsWith('ss-tenant') && record.plan.idempotencyKey === undefined;
  if (charge === undefined) return dispatched && isOwn ? 'dispatched and never charged' : undefined;
  if (verdict === 'complete' && charge.outcome !== 'ok') return `complete, and charged as ${charge.outcome}`;
  if ((verdict === 'honest error' || verdict === 'refused') && charge.chargeUsd !== 0) return `failed, and charged ${charge.chargeUsd} USD`;
  if (verdict !== 'left' || view.text + view.toolArguments === '') return undefined;
  if (charge.outputTokens === 0) return 'left with content, and no token was counted';
  if (charge.outcome === 'client_closed' && charge.chargeUsd === 0) return `left with ${charge.outputTokens} tokens, and charged nothing`;
  return undefined;
}

/** Prompts that went where their tenant approved nobody, whatever made the gateway try there (DESIGN §4.8). */
function strays(records: readonly ClientRecord[], { calls }: SimulatedEngines): readonly string[] {
  const bound = new Set(records.flatMap(({ plan }) => (staysInEurope(plan.key) ? [plan.request] : [])));
  return calls.flatMap(({ request, endpointId, continues }) => {
    if (!bound.has(request) || regionOf(endpointId).startsWith('eu-')) return [];
    return [`request ${request} ${continues ? 'was continued' : 'went'} outside the EU, at ${endpointId}`];
  });
}

/** Engines that still worked for a client long after it was lost, or that were begun for one. */
function lateAborts(records: readonly ClientRecord[], { calls }: SimulatedEngines, computingOn: ReadonlySet<string>): readonly string[] {
  // Of a request that was sent twice, the other client may still wait.
  const alone = records.filter(({ plan }) => plan.idempotencyKey === undefined);
  const left = new Map(alone.flatMap(({ plan, leftAtMs }) => (leftAtMs === undefined ? [] : [[plan.request, leftAtMs] as const])));
  return calls.flatMap((call) => {
    const leftAtMs = left.get(call.request);
    if (call.overAtMs === undefined && call.abortedAtMs === undefined) return [`request ${call.request}: ${call.endpointId} was never told to stop`];
    if (leftAtMs === undefined) return [];
    if (call.startedAtMs > leftAtMs) return [`request ${call.request}: dispatched to ${call.endpointId} after its client had left`];
    // Whoever computes and bills to the end anyway is listened to, for the bill.
    if (computingOn.has(call.endpointId)) return [];
    const stoppedAtMs = Math.min(call.abortedAtMs ?? Infinity, call.overAtMs ?? Infinity);
    return stoppedAtMs > leftAtMs + abortWithinMs
      ? [`request ${call.request}: ${call.endpointId} worked ${stoppedAtMs - leftAtMs} ms for nobody`]
      : [];
  });
}

/** The prompt is charged once, at the first segment's price, and each segment's tokens at their own. */
function wrongPrice(
  charge: LedgerCharge | undefined,
  verdict: Verdict,
  { segments }: ClientView,
  priceOf: (endpointId: string) => BilledPrice,
): string | undefined {
  const [first] = segments;
  if (verdict !== 'complete' || charge === undefined || charge.source === 'reserve' || first === undefined) return undefined;
  if (segments.some(({ outputTokens }) => outputTokens === null)) return undefined;
  const tokens = segments.reduce((sum, { endpoint, outputTokens }) => sum + (outputTokens ?? 0) * priceOf(endpoint).output, 0);
  const usd = (promptTokenCount * priceOf(first.endpoint).input + tokens) / 1e6;
  return Math.abs((charge.chargeUsd ?? -1) - usd) < 1e-12 ? undefined : `charged ${charge.chargeUsd} USD, and its segments cost ${usd}`;
}
