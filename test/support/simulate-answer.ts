import { countingEngines } from '../simulation/outside/counting-engine.ts';
import { declaredSkills } from './declared-skills.ts';
import { readResponse, type ClientView } from '../simulation/outside/read-response.ts';
import { sampleDeployment, sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../../src/std/random.ts';
import { simulatedEngines, type EngineBehaviour } from './simulated-engines.ts';
import { simulatedGateway, type SimulatedGateway } from './simulated-gateway.ts';
import { startClient, type ClientPlan, type ClientRecord } from '../simulation/outside/counting-client.ts';
import { virtualClock } from './virtual-clock.ts';
import type { EngineFault } from '../simulation/outside/engine-fault.ts';
import type { Transport } from '../../src/upstream/transport.ts';
import type { WireAct } from '../simulation/outside/wire-act.ts';

export interface SimulatedAnswer {
  readonly record: ClientRecord;
  readonly view: ClientView;
  readonly gateway: SimulatedGateway;
  /** The bodies that went upstream, in order. */
  readonly sent: readonly Uint8Array[];
}

const plainPlan: ClientPlan = {
  request: 1,
  total: 3,
  form: 'text',
  route: 'chat',
  stream: true,
  model: 'm',
  key: 'ss-tenant-0.1',
  maxTokens: undefined,
  wantsUsage: false,
  greedy: true,
  leaves: undefined,
  rests: undefined,
};

/** One request through the whole gateway under virtual time, in front of an endpoint that does exactly this, and perhaps of a healthy one. */
export async function simulateAnswer(
  acts: readonly WireAct[],
  options: { readonly plan?: Partial<ClientPlan>; readonly body?: Uint8Array; readonly healthy?: boolean } = {},
): Promise<SimulatedAnswer> {
  const clock = virtualClock();
  const random = seededRandom(1);
  const ids = options.healthy === true ? ['e0', 'e1'] : ['e0'];
  const engines = simulatedEngines(clock, random, new Map(ids.map((id) => [id, behaviour(id === 'e0' ? acts : undefined)])));
  const sent: Uint8Array[] = [];
  const transport: Transport = {
    send: (endpoint, request, sink) => {
      sent.push(request.body ?? new Uint8Array(0));
      return engines.transport.send(endpoint, request, sink);
    },
  };
  const gateway = simulatedGateway({
    clock,
    random,
    transport,
    endpoints: ids.map((id) => ({
      endpoint: sampleEndpoint({ id, ...declaredSkills('openai'), passUnknownFields: true }),
      deployment: sampleDeployment(id, { upstreamModel: 'up' }),
    })),
    keys: ['ss-tenant-0'],
  });
  const world = { nowMs: clock.nowMs, after: (ms: number, run: () => void) => void clock.after(ms, run), random, connect: gateway.connect };
  const record = startClient({ ...plainPlan, ...options.plan }, world, options.body);
  while (await gateway.step());
  return { record, view: readResponse(record), gateway, sent };
}

function behaviour(acts: readonly WireAct[] | undefined): EngineBehaviour {
  const fault = acts === undefined ? undefined : ({ fault: scripted(acts), position: 'S1' } as const);
  return { engine: countingEngines.openai, fault: () => fault, gapMs: () => 1, lateMs: () => 0, splits: false };
}

function scripted(acts: readonly WireAct[]): EngineFault {
  return {
    number: 0,
    name: 'scripted',
    modes: ['stream', 'whole'],
    positions: ['S1'],
    before: 'harmless',
    after: 'harmless',
    status: 0,
    code: '',
    codeInStream: 'upstream_stream_error',
    apply: () => acts,
  };
}
