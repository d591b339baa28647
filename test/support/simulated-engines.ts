import { error, indexOfPosition, type Position, type WireAct, healthyActs } from '../simulation/outside/wire-act.ts';
import { planAnswer, type CountingEngine, type PlannedAnswer } from '../simulation/outside/counting-engine.ts';
import type { EngineFault } from '../simulation/outside/engine-fault.ts';
import type { Endpoint } from '../../src/fleet/endpoint.ts';
import type { Random } from '../../src/std/random.ts';
import type { Transport, UpstreamCall, UpstreamRequest, UpstreamSink } from '../../src/upstream/transport.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What an engine's operator knows of one call, by the engine's own account: the oracle of what may be billed. */
export interface EngineCall {
  readonly endpointId: string;
  /** The request that the prompt belongs to. */
  readonly request: number;
  readonly continues: boolean;
  readonly stream: boolean;
  readonly promptTokens: number;
  readonly fault: string;
  readonly startedAtMs: number;
  /** Output tokens that the engine has computed, whether or not anybody heard of them. */
  computed: number;
  abortedAtMs: number | undefined;
  /** When the engine's side of the connection ended, by itself. */
  overAtMs: number | undefined;
}

export interface EngineBehaviour {
  readonly engine: CountingEngine;
  /** What goes wrong with this call of the engine, and where. */
  readonly fault: (planned: PlannedAnswer) => { readonly fault: EngineFault; readonly position: Position | 'anywhere' } | undefined;
  readonly gapMs: () => number;
  /** How long an engine goes on computing, and its packets arriving, after it was told to stop. */
  readonly lateMs: () => number;
  /** Whether packets end anywhere rather than at the end of an event. */
  readonly splits: boolean;
}

export interface SimulatedEngines {
  readonly transport: Transport;
  readonly calls: readonly EngineCall[];
  /** Prompts that no honest gateway sends. */
  readonly wrongs: readonly string[];
  /** Breaks every connection to an endpoint, as pulling its cable would. */
  readonly cut: (endpointId: string) => void;
}

/** A network of engines that count, under virtual time; what each call meets is drawn by its engine's behaviour. */
export function simulatedEngines(clock: VirtualClock, random: Random, behaviours: ReadonlyMap<string, EngineBehaviour>): SimulatedEngines {
  const calls: EngineCall[] = [];
  const wrongs: string[] = [];
  const running = new Map<EngineCall, () => void>();
  const transport: Transport = {
    send: (endpoint: Endpoint, request: UpstreamRequest, sink: UpstreamSink) => {
      const behaviour = behaviours.get(endpoint.id);
      if (behaviour === undefined) throw new Error(`nobody simulates ${endpoint.id}`);
      const planned = planAnswer(behaviour.engine, request.path, new TextDecoder().decode(request.body));
      if ('wrong' in planned) {
        wrongs.push(`${endpoint.id}: ${planned.wrong}`);
        return { abort: () => {}, pause: () => {}, resume: () => {} };
      }
      const fated = behaviour.fault(planned);
      const call = callOf(endpoint, planned, fated?.fault.name ?? 'healthy', clock.nowMs());
      calls.push(call);
      running.set(call, () => perform(error('UNPLUGGED'), call, sink, undefined));
      return play(actsOf(planned, fated, random), call, sink, { clock, random, behaviour });
    },
  };
  const cut = (endpointId: string): void => {
    for (const [call, hangUp] of running) {
      if (call.endpointId !== endpointId) continue;
      running.delete(call);
      if (call.overAtMs !== undefined || call.abortedAtMs !== undefined) continue;
      call.overAtMs = clock.nowMs();
      hangUp();
    }
  };
  return { transport, calls, wrongs, cut };
}

function callOf(endpoint: Endpoint, { answer, continues, stream }: PlannedAnswer, fault: string, nowMs: number): EngineCall {
  const { request, promptTokens } = answer;
  return {
    endpointId: endpoint.id,
    request,
    continues,
    stream,
    promptTokens,
    fault,
    startedAtMs: nowMs,
    computed: 0,
    abortedAtMs: undefined,
    overAtMs: undefined,
  };
}

function actsOf(planned: PlannedAnswer, fated: ReturnType<EngineBehaviour['fault']>, random: Random): readonly WireAct[] {
  const { answer, dialect, stream, usageAsked } = planned;
  const acts = healthyActs(dialect, answer, stream ? (usageAsked ? 'stream' : 'stream without usage') : 'whole');
  if (fated === undefined) return acts;
  const at = fated.position === 'anywhere' ? Math.floor(random() * acts.length) : indexOfPosition(acts, fated.position);
  return at === undefined ? acts : fated.fault.apply(acts, at, { answer, whole: dialect.whole(answer) });
}

interface Playing {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly behaviour: EngineBehaviour;
}

function play(acts: readonly WireAct[], call: EngineCall, sink: UpstreamSink, { clock, random, behaviour }: Playing): UpstreamCall {
  let index = 0;
  let paused = false;
  let waiting = false;
  let stopsAtMs = Infinity;
  const step = (): void => {
    waiting = false;
    if (paused || call.overAtMs !== undefined || clock.nowMs() > stopsAtMs) return;
    const act = acts[index];
    index += 1;
    if (act === undefined) return;
    // A packet under way when the call was given up still arrives: nobody may be listening any more.
    perform(act, call, sink, behaviour.splits ? random : undefined);
    if (act.kind === 'end' || act.kind === 'error') call.overAtMs = clock.nowMs();
    next();
  };
  const next = (): void => {
    const act = acts[index];
    if (act === undefined || waiting) return;
    waiting = true;
    clock.after(act.waitMs ?? behaviour.gapMs(), step);
  };
  next();
  return {
    abort: () => {
      call.abortedAtMs ??= clock.nowMs();
      stopsAtMs = Math.min(stopsAtMs, clock.nowMs() + behaviour.lateMs());
    },
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
      next();
    },
  };
}

/** As a connection does: what was lent is overwritten by what comes next. */
function tell(bytes: Uint8Array, sink: UpstreamSink): void {
  const taken = sink.takeLent?.(bytes, 0, bytes.length) ?? 0;
  const rest = bytes.slice(taken);
  bytes.fill(0x2a);
  if (rest.length > 0) sink.onData(rest);
}

function perform(act: WireAct, call: EngineCall, sink: UpstreamSink, splitting: Random | undefined): void {
  switch (act.kind) {
    case 'head':
      return sink.onHead(act.status, act.headers);
    case 'data': {
      call.computed += act.tokens;
      const at = splitting === undefined ? act.bytes.length : Math.floor(splitting() * (act.bytes.length + 1));
      // Two packets, because they end anywhere.
      if (at > 0) tell(Uint8Array.from(act.bytes.subarray(0, at)), sink);
      if (at < act.bytes.length) tell(Uint8Array.from(act.bytes.subarray(at)), sink);
      return;
    }
    case 'end':
      return sink.onEnd();
    case 'error':
      return sink.onError(Object.assign(new Error(`simulated at vendor-internal.cloud: ${act.code}`), { code: act.code }));
  }
}
