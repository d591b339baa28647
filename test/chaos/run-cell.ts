import { compareWithBills, judgeAnswer } from '../simulation/outside/oracle.ts';
import { countingEngines } from '../simulation/outside/counting-engine.ts';
import { expectedOutcome, type ExpectedOutcome } from './expected-outcome.ts';
import { sampleDeployment, sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../../src/std/random.ts';
import { declaredSkills } from '../support/declared-skills.ts';
import { ledgerAttempt } from '../support/ledger-attempt.ts';
import { simulatedEngines, type EngineBehaviour, type SimulatedEngines } from '../support/simulated-engines.ts';
import { simulatedGateway, type SimulatedGateway, type SimulatedGatewayOptions } from '../support/simulated-gateway.ts';
import { startClient, type ClientPlan, type ClientRecord } from '../simulation/outside/counting-client.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import type { ChaosCell } from './chaos-cell.ts';
import type { ClientView } from '../simulation/outside/read-response.ts';
import type { DialectName } from '../simulation/outside/engine-dialect.ts';
import type { EngineFault } from '../simulation/outside/engine-fault.ts';
import type { Position } from '../simulation/outside/wire-act.ts';

const total = 8;
const price = { input: 1, output: 3 };
const noFault: EngineBehaviour['fault'] = () => undefined;

/** Runs one cell in a world of its own, under virtual time; every line says what went otherwise than it must. */
export async function runCell(cell: ChaosCell): Promise<readonly string[]> {
  const clock = virtualClock();
  const random = seededRandom(1);
  const behaviours = new Map([['e0', behaviour(cell.dialect, faultOf(cell))]]);
  if (cell.alternative !== 'none') behaviours.set('e1', behaviour(otherDialect(cell), noFault));
  const engines = simulatedEngines(clock, random, behaviours);
  const gateway = simulatedGateway({
    clock,
    random,
    transport: engines.transport,
    endpoints: [...behaviours.keys()].map((id) => fleetEntry(id, cell)),
    keys: ['ss-tenant-0'],
    limits: { ttftTimeoutMs: 5000, stallTimeoutMs: 5000, totalTimeoutMs: 60_000, heartbeatMs: 30_000, lineBytes: 4096, eventBytes: 8192 },
  });
  const record = startClient(planOf(cell), { nowMs: clock.nowMs, after: (ms, run) => void clock.after(ms, run), random, connect: gateway.connect });
  while (await gateway.step());
  return judge(cell, record, engines, gateway);
}

function faultOf({ fault, position }: ChaosCell): EngineBehaviour['fault'] {
  let times = 0;
  return (): { readonly fault: EngineFault; readonly position: Position } | undefined => {
    times += 1;
    // A connection that was closing is closing once: the next one is fresh.
    return fault.before === 'retry' && times > 1 ? undefined : { fault, position };
  };
}

/** OpenAI's own API continues no text, so another kind of engine goes on in its place. */
function otherDialect({ dialect }: ChaosCell): DialectName {
  return dialect === 'openai' ? 'sglang' : dialect;
}

function behaviour(dialect: DialectName, fault: EngineBehaviour['fault']): EngineBehaviour {
  return { engine: countingEngines[dialect], fault, gapMs: () => 10, lateMs: () => 40, splits: false };
}

function fleetEntry(id: string, cell: ChaosCell): SimulatedGatewayOptions['endpoints'][number] {
  const foreign = id === 'e1' && cell.alternative === 'may not';
  const dialect = id === 'e0' ? cell.dialect : otherDialect(cell);
  return {
    endpoint: sampleEndpoint({
      id,
      address: { kind: 'url', origin: `http://vendor-internal-${id}.cloud:8000`, basePath: '/v1' },
      key: `sk-upstream-secret-${id}`,
      ...declaredSkills(dialect),
    }),
    deployment: sampleDeployment(id, {
      upstreamModel: 'up',
      weights: foreign ? 'sha256:other' : 'sha256:same',
      engineBuild: 'same',
      contextTokens: 4096,
      price: { inputUsdPerMtok: price.input, cachedInputUsdPerMtok: price.input, outputUsdPerMtok: price.output },
    }),
  };
}

function planOf({ mode, position, dialect }: ChaosCell): ClientPlan {
  return {
    request: 1,
    total,
    form: position === 'tool-call middle' ? 'tool' : 'text',
    route: dialect === 'raw' ? 'completions' : 'chat',
    stream: mode === 'stream',
    model: 'm',
    key: 'ss-tenant-0.1',
    maxTokens: undefined,
    wantsUsage: true,
    greedy: true,
    leaves: undefined,
    rests: undefined,
  };
}

function judge(cell: ChaosCell, record: ClientRecord, engines: SimulatedEngines, gateway: SimulatedGateway): readonly string[] {
  const { fault } = cell;
  const expected = expectedOutcome(cell);
  const { view, wrong } = judgeAnswer(record, expected.kind === 'passed' ? fault.tokens : undefined);
  const seen = outcomeOf(view, gateway);
  const lines = [...wrong];
  if (seen !== wording(expected)) lines.push(`expected: ${wording(expected)}; seen: ${seen}`);
  if (seen === 'continued' && view.roles > 1) lines.push(`${view.roles} roles in a continued answer`);
  if (expected.kind === 'passed') {
    if (fault.seen !== undefined && !view.body.includes(fault.seen)) lines.push(`${fault.seen} did not reach the client`);
    const all = Buffer.concat(record.parts).toString('latin1');
    if (fault.unseen !== undefined && all.includes(fault.unseen)) lines.push(`${fault.unseen} reached the client`);
  }
  const attempts = gateway.rows.map((row) => ledgerAttempt(row, 1));
  lines.push(...compareWithBills(attempts, engines.calls, () => price), ...engines.wrongs, ...gateway.reports);
  if (gateway.charges.length !== 1) lines.push(`${gateway.charges.length} charges`);
  for (const { id, running } of gateway.fleet.status()) if (running !== 0) lines.push(`${id} still counts ${running} running requests`);
  for (const call of engines.calls)
    if (call.overAtMs === undefined && call.abortedAtMs === undefined) lines.push(`${call.endpointId} was never told to stop`);
  return lines.map((line) => `fault ${fault.number}: ${line}`);
}

/** The outcome as the client's bytes and the ledger's rows tell it. */
function outcomeOf(view: ClientView, { rows }: SimulatedGateway): string {
  if (view.status !== 200) return wording({ kind: 'refused', status: view.status, code: view.errorCode ?? 'none' });
  if (view.errorCode !== undefined) return wording({ kind: 'honest error', code: view.errorCode });
  if (view.segments.length > 1) return 'continued';
  if (rows.length === 1) return 'passed';
  return view.segments[0]?.endpoint === 'e0' ? 'retried' : 'failed over';
}

function wording(outcome: ExpectedOutcome): string {
  if (outcome.kind === 'refused') return `refused: ${outcome.status} ${outcome.code}`;
  return outcome.kind === 'honest error' ? `honest error: ${outcome.code}` : outcome.kind;
}
