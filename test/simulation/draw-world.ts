import { connectionFaults, responseFaults } from './outside/connection-faults.ts';
import { countingEngines, type PlannedAnswer } from './outside/counting-engine.ts';
import { allFaults } from './outside/all-faults.ts';
import type { ClientPlan } from './outside/counting-client.ts';
import type { DialectName } from './outside/engine-dialect.ts';
import type { EngineBehaviour } from '../support/simulated-engines.ts';
import type { EngineFault } from './outside/engine-fault.ts';
import type { Position } from './outside/wire-act.ts';
import type { Random } from '../../src/std/random.ts';

/** What one seed draws: a mood of the world, its endpoints, and who comes when. */
export interface DrawnWorld {
  /** `outage`: no endpoint answers anything. */
  readonly mood: 'calm' | 'mixed' | 'rough' | 'outage';
  readonly endpoints: readonly DrawnEndpoint[];
  readonly clients: readonly { readonly atMs: number; readonly plan: ClientPlan }[];
  readonly concurrentRequests: number;
  readonly ledgerFailure: number;
  readonly hedging: { readonly enabled: boolean; readonly leastDelayMs: number };
  readonly hold: 'none' | 'structured';
  readonly heartbeatMs: number;
  /** When somebody pulls an endpoint's cable, and for how long. */
  readonly unplugs: readonly { readonly atMs: number; readonly forMs: number; readonly endpointId: string }[];
}

export interface DrawnEndpoint {
  readonly id: string;
  readonly name: DialectName;
  /** Whether an abandoned request is computed and billed to its end all the same. */
  readonly billsAbandoned: boolean;
  readonly price: { readonly input: number; readonly output: number };
  readonly behaviour: EngineBehaviour;
}

/** Faults after which a complete answer has fewer tokens than were asked for are left to the matrix. */
const drawnFaults: readonly EngineFault[] = allFaults.filter(({ tokens }) => tokens === undefined);
/** An endpoint with one of these is set aside for minutes, so in a world of minutes they must be rare. */
const settingAside = new Set([7, 13, 17, 18]);
const outageFaults = [...connectionFaults, ...responseFaults].filter(({ before }) => before === 'fail over');
const dialects: readonly DialectName[] = ['openai', 'vllm', 'vllm', 'vllm', 'sglang', 'llama.cpp'];

export function drawWorld(random: Random, requests: number): DrawnWorld {
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[]): T => {
    const item = list[Math.floor(random() * list.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  const mood = pick(['calm', 'mixed', 'mixed', 'mixed', 'rough', 'rough', 'outage'] as const);
  const spreadMs = requests * (20 + random() * 1000);
  return {
    mood,
    endpoints: Array.from({ length: mood === 'outage' ? 3 : 1 + Math.floor(random() * 6) }, (_, index) => drawEndpoint(index, mood, random, pick)),
    clients: Array.from({ length: requests }, (_, index) => ({ atMs: random() * spreadMs, plan: drawPlan(index + 1, random) }))
      .flatMap((client) => (client.plan.idempotencyKey === undefined ? [client] : [client, again(client, random)]))
      .toSorted((a, b) => a.atMs - b.atMs),
    concurrentRequests: random() < 0.1 ? 4 : 1000,
    ledgerFailure: random() < 0.1 ? 0.1 : 0,
    hedging: { enabled: random() < 0.3, leastDelayMs: 20 },
    hold: random() < 0.3 ? 'structured' : 'none',
    heartbeatMs: random() < 0.3 ? 100 + random() * 500 : 10_000,
    unplugs: Array.from({ length: random() < 0.5 ? 5 : 0 }, () => ({ atMs: random() * spreadMs, forMs: random() * 5000, endpointId: 'e0' })),
  };
}

function drawEndpoint(index: number, mood: DrawnWorld['mood'], random: Random, pick: <T>(list: readonly T[]) => T): DrawnEndpoint {
  const name = pick(dialects);
  const share = { calm: 0.02, mixed: 0.2, rough: 0.5, outage: 1 }[mood] * (0.5 + random() / 2);
  const faults = mood === 'outage' ? outageFaults : drawnFaults;
  return {
    id: `e${index}`,
    name,
    billsAbandoned: random() < 0.15,
    price: { input: 1 + index, output: 2 + 3 * index },
    behaviour: {
      engine: countingEngines[name],
      fault: ({ stream }: PlannedAnswer) => {
        if (mood !== 'outage' && random() >= share) return undefined;
        const drawn = pick(faults);
        const fault = mood !== 'outage' && settingAside.has(drawn.number) && random() < 0.95 ? pick(faults) : drawn;
        return fault.modes.includes(stream ? 'stream' : 'whole') ? { fault, position: drawPosition(fault, random, pick) } : undefined;
      },
      gapMs: () => random() * 30,
      lateMs: () => random() * 60,
      splits: true,
    },
  };
}

/** A fault that may come at many places comes at any; one that is bound to a place comes there. */
function drawPosition(fault: EngineFault, random: Random, pick: <T>(list: readonly T[]) => T): Position | 'anywhere' {
  return fault.positions.length > 3 && random() < 0.7 ? 'anywhere' : pick(fault.positions);
}

function drawPlan(request: number, random: Random): ClientPlan {
  const route = random() < 0.8 ? 'chat' : 'completions';
  const form = route === 'chat' && random() < 0.15 ? 'tool' : 'text';
  const total = 2 + Math.floor(random() * 9);
  const tenant = random() < 0.02 ? 'ss-nobody' : `ss-tenant-${Math.floor(random() * 4)}`;
  return {
    request,
    total,
    form,
    route,
    stream: random() < 0.85,
    model: 'm',
    key: `${tenant}.${request}`,
    maxTokens: form === 'text' && random() < 0.2 ? 1 + Math.floor(random() * 11) : undefined,
    wantsUsage: random() < 0.5,
    greedy: random() < 0.8,
    idempotencyKey: random() < 0.06 ? `again-${request}` : undefined,
    leaves: random() < 0.08 ? { afterMs: random() * 400, how: random() < 0.5 ? 'fin' : 'rst' } : undefined,
    rests: random() < 0.05 ? { afterMs: random() * 200, forMs: random() < 0.5 ? 1000 : 9000 } : undefined,
  };
}

/** The same client once more, while the first still waits, or after. */
function again({ atMs, plan }: DrawnWorld['clients'][number], random: Random): DrawnWorld['clients'][number] {
  return { atMs: atMs + random() * 800, plan: { ...plan, leaves: undefined, rests: undefined } };
}

/** Where an endpoint computes. The first is always in the region that everybody may use. */
export function regionOf(endpointId: string): string {
  return Number(endpointId.slice(1)) % 2 === 0 ? 'eu-west' : 'us-east';
}

/** Whether a tenant's prompts may leave the EU: of the last one they may not, whatever fails. */
export function staysInEurope(tenant: string): boolean {
  return tenant.startsWith('ss-tenant-3');
}

export const tenants: readonly string[] = ['ss-tenant-0', 'ss-tenant-1', 'ss-tenant-2', 'ss-tenant-3'];
