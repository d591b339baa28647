import { compareWithBills, judgeAnswer, type LedgerCharge, type Verdict } from './outside/oracle.ts';
import { drawWorld, tenants, type DrawnWorld } from './draw-world.ts';
import { declaredSkills } from '../support/declared-skills.ts';
import { ledgerAttempt } from '../support/ledger-attempt.ts';
import { sampleDeployment, sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../../src/std/random.ts';
import { simulatedEngines, type SimulatedEngines } from '../support/simulated-engines.ts';
import { simulatedGateway, type SimulatedGateway } from '../support/simulated-gateway.ts';
import { startClient, type ClientRecord } from './outside/counting-client.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import type { ClientView } from './outside/read-response.ts';
import type { Charge } from '../../src/ledger/ledger.ts';

export interface WorldReport {
  readonly seed: number;
  readonly mood: DrawnWorld['mood'];
  readonly requests: number;
  readonly attempts: number;
  readonly calls: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly continued: number;
  readonly virtualMs: number;
  /** One line each; none in a world in which all went as it must. */
  readonly violations: readonly string[];
}

/** How soon after a client was lost its engines must have been told to stop. */
const abortWithinMs = 100;
/** A world in which this many events happen for one request goes in circles. */
const eventsPerRequest = 20_000;

/** Runs one world to its end, from the first client's first byte until nothing is left to happen, and judges it. */
export async function simulateWorld(seed: number, requests: number, trace: (line: string) => void = () => {}): Promise<WorldReport> {
  const random = seededRandom(seed);
  const clock = virtualClock();
  const drawn = drawWorld(random, requests);
  const engines = simulatedEngines(clock, random, new Map(drawn.endpoints.map(({ id, behaviour }) => [id, behaviour])));
  const gateway = simulatedGateway({
    clock,
    random,
    transport: tracing(engines, clock.nowMs, trace),
    endpoints: drawn.endpoints.map(fleetEntry),
    keys: tenants,
    limits: { ttftTimeoutMs: 5000, stallTimeoutMs: 5000, lineBytes: 4096, eventBytes: 8192 },
    concurrentRequests: drawn.concurrentRequests,
    hedging: drawn.hedging,
    continuation: { hold: drawn.hold },
    ledgerMs: () => (random() < drawn.ledgerFailure ? undefined : random() < 0.3 ? random() * 4 : 0),
  });
  const records: ClientRecord[] = [];
  for (const { atMs, plan } of drawn.clients) {
    clock.after(atMs, () => {
      trace(`${clock.nowMs().toFixed(1)} ms: request ${plan.request} comes: ${plan.route}, ${plan.stream ? 'streamed' : 'whole'}, ${plan.form}`);
      records.push(startClient(plan, { nowMs: clock.nowMs, after: (ms, run) => void clock.after(ms, run), random, connect: gateway.connect }));
    });
  }
  let events = 0;
  while (await gateway.step()) {
    events += 1;
    if (events > eventsPerRequest * requests) throw new Error(`seed ${seed} never ends`);
  }
  return judgeWorld(seed, drawn, records, engines, gateway, clock.nowMs());
}

function tracing({ transport, calls }: SimulatedEngines, nowMs: () => number, trace: (line: string) => void): SimulatedEngines['transport'] {
  return {
    send: (endpoint, request, sink) => {
      const call = transport.send(endpoint, request, {
        ...sink,
        onEnd: () => {
          trace(`${nowMs().toFixed(1)} ms: ${endpoint.id} ends`);
          sink.onEnd();
        },
        onError: (error) => {
          trace(`${nowMs().toFixed(1)} ms: ${endpoint.id} breaks: ${error.message}`);
          sink.onError(error);
        },
      });
      const made = calls.at(-1);
      trace(`${nowMs().toFixed(1)} ms: request ${made?.request} goes to ${endpoint.id}${request.path} and meets: ${made?.fault}`);
      return call;
    },
  };
}

function fleetEntry({
  id,
  name,
  billsAbandoned,
  price,
}: DrawnWorld['endpoints'][number]): Parameters<typeof simulatedGateway>[0]['endpoints'][number] {
  return {
    endpoint: sampleEndpoint({
      id,
      address: { kind: 'url', origin: `http://vendor-internal-${id}.cloud:8000`, basePath: '/v1' },
      silicon: { vendor: `maker-${id}`, chip: `chip ${id}`, evidence: 'declared' },
      key: `sk-upstream-secret-${id}`,
      ...declaredSkills(name),
      billsAbandoned,
    }),
    deployment: sampleDeployment(id, {
      upstreamModel: 'up',
      weights: 'sha256:same',
      engineBuild: 'same',
      contextTokens: 4096,
      price: { inputUsdPerMtok: price.input, cachedInputUsdPerMtok: price.input, outputUsdPerMtok: price.output },
    }),
  };
}

function requestOf(tenant: string): number {
  return Number(tenant.split('.')[1] ?? -1);
}

function chargeOf({ tenant, outcome, usage, chargeUsd }: Charge): LedgerCharge {
  return { request: requestOf(tenant), outcome, outputTokens: usage.outputTokens, source: usage.source, chargeUsd };
}

function judgeWorld(
  seed: number,
  drawn: DrawnWorld,
  records: readonly ClientRecord[],
  engines: SimulatedEngines,
  gateway: SimulatedGateway,
  virtualMs: number,
): WorldReport {
  const violations: string[] = [];
  const verdicts: Record<Verdict, number> = { complete: 0, 'honest error': 0, refused: 0, left: 0, stalled: 0 };
  const attempts = gateway.rows.map((row) => ledgerAttempt(row, requestOf(row.opened.tenant)));
  const charges = Map.groupBy(gateway.charges.map(chargeOf), ({ request }) => request);
  let continued = 0;
  for (const record of records) {
    const { request } = record.plan;
    const { view, verdict, wrong } = judgeAnswer(record);
    verdicts[verdict] += 1;
    if (view.segments.length > 1) continued += 1;
    for (const what of wrong) violations.push(`request ${request}: ${what}`);
    const dispatched = attempts.some((attempt) => attempt.request === request);
    const why = wrongCharge(charges.get(request) ?? [], dispatched, verdict, record, view);
    if (why !== undefined) violations.push(`request ${request}: ${why}`);
  }
  const prices = new Map(drawn.endpoints.map(({ id, price }) => [id, price]));
  violations.push(...compareWithBills(attempts, engines.calls, (id) => prices.get(id) ?? { input: 0, output: 0 }), ...engines.wrongs);
  violations.push(...lateAborts(records, engines, new Set(drawn.endpoints.flatMap(({ id, billsAbandoned }) => (billsAbandoned ? [id] : [])))));
  violations.push(...gateway.reports.filter((report) => drawn.ledgerFailure === 0 || !report.includes('disk is full')));
  for (const { id, running } of gateway.fleet.status()) if (running !== 0) violations.push(`${id} still counts ${running} running requests`);
  if (drawn.mood === 'outage' && attempts.length > mostAttempts(records.length, virtualMs))
    violations.push(`${attempts.length} attempts for ${records.length} requests`);
  return {
    seed,
    mood: drawn.mood,
    requests: records.length,
    attempts: attempts.length,
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

function wrongCharge(
  charges: readonly LedgerCharge[],
  dispatched: boolean,
  verdict: Verdict,
  record: ClientRecord,
  view: ClientView,
): string | undefined {
  const [charge] = charges;
  // What cannot be written down is not charged either.
  if (view.errorCode === 'ledger_unavailable') return undefined;
  if (charges.length > 1) return `${charges.length} charges`;
  if (charge === undefined) return dispatched && record.plan.key.startsWith('ss-tenant') ? 'dispatched and never charged' : undefined;
  if (verdict === 'complete' && charge.outcome !== 'ok') return `complete, and charged as ${charge.outcome}`;
  if ((verdict === 'honest error' || verdict === 'refused') && charge.chargeUsd !== 0) return `failed, and charged ${charge.chargeUsd} USD`;
  if (verdict === 'left' && view.text + view.toolArguments !== '' && charge.outputTokens === 0) return 'left with content, and charged nothing';
  return undefined;
}

/** Engines that still worked for a client long after it was lost, or that were begun for one. */
function lateAborts(records: readonly ClientRecord[], { calls }: SimulatedEngines, computingOn: ReadonlySet<string>): readonly string[] {
  const left = new Map(records.flatMap(({ plan, leftAtMs }) => (leftAtMs === undefined ? [] : [[plan.request, leftAtMs] as const])));
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
