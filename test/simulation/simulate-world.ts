import { judgeWorld, type WorldReport } from './judge-world.ts';
import { drawWorld, regionOf, staysInEurope, tenants, type DrawnWorld } from './draw-world.ts';
import { AccessRules } from '../../src/access/access-rules.ts';
import { declaredSkills } from '../support/declared-skills.ts';
import { sampleDeployment, sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../../src/std/random.ts';
import { simulatedEngines, type SimulatedEngines } from '../support/simulated-engines.ts';
import { simulatedGateway } from '../support/simulated-gateway.ts';
import { startClient, type ClientRecord, type ClientWorld } from './outside/counting-client.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';

const europeOnly = new AccessRules({ regions: ['eu-*'] }, []);
/** A world in which this many events happen for one request goes in circles. */
const eventsPerRequest = 2_000;

/** Most rows are written at once, some after a moment, and a few by a disk that has stalled: then clients leave meanwhile. */
function ledgerDelayMs(drawn: number): number {
  if (drawn < 0.1) return drawn * 2000;
  return drawn < 0.3 ? drawn * 10 : 0;
}

/** Runs one world to its end, from the first client's first byte until nothing is left to happen, and judges it. */
export async function simulateWorld(seed: number, requests: number, trace: (line: string) => void = () => {}, alsoTo?: Ledger): Promise<WorldReport> {
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
    rulesOf: (tenant) => (staysInEurope(tenant) ? europeOnly : undefined),
    limits: { ttftTimeoutMs: 5000, stallTimeoutMs: 5000, heartbeatMs: drawn.heartbeatMs, lineBytes: 4096, eventBytes: 8192 },
    concurrentRequests: drawn.concurrentRequests,
    alsoTo,
    hedging: drawn.hedging,
    continuation: { hold: drawn.hold },
    ledgerMs: () => (random() < drawn.ledgerFailure ? undefined : ledgerDelayMs(random())),
  });
  for (const { atMs, forMs, endpointId } of drawn.unplugs) {
    clock.after(atMs, () => {
      trace(`${clock.nowMs().toFixed(1)} ms: ${endpointId} is unplugged for ${forMs.toFixed(0)} ms`);
      gateway.fleet.declare(endpointId, 'unplugged');
      engines.cut(endpointId);
      clock.after(forMs, () => gateway.fleet.declare(endpointId, 'ready'));
    });
  }
  const records: ClientRecord[] = [];
  for (const { atMs, plan } of drawn.clients) {
    clock.after(atMs, () => {
      trace(`${clock.nowMs().toFixed(1)} ms: request ${plan.request} comes: ${plan.route}, ${plan.stream ? 'streamed' : 'whole'}, ${plan.form}`);
      const connect: ClientWorld['connect'] = ({ onBytes, onOver }) =>
        gateway.connect({
          onBytes,
          onOver: (how) => {
            trace(`${clock.nowMs().toFixed(1)} ms: request ${plan.request}: its connection is over: ${how}`);
            onOver(how);
          },
        });
      records.push(startClient(plan, { nowMs: clock.nowMs, after: (ms, run) => void clock.after(ms, run), random, connect }));
    });
  }
  let events = 0;
  while (events < eventsPerRequest * requests && (await gateway.step())) events += 1;
  const goesOn = events === eventsPerRequest * requests;
  return judgeWorld({ seed, drawn, records, engines, gateway, virtualMs: clock.nowMs(), goesOn });
}

function tracing({ transport, calls }: SimulatedEngines, nowMs: () => number, trace: (line: string) => void): SimulatedEngines['transport'] {
  return {
    send: (endpoint, request, sink) => {
      const call = transport.send(endpoint, request, {
        onHead: (status, headers) => sink.onHead(status, headers),
        onData: (bytes) => sink.onData(bytes),
        takeLent: (bytes, start, end) => sink.takeLent?.(bytes, start, end) ?? start,
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
      region: regionOf(id),
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
