import type { EndpointAddress } from '../fleet/endpoint.ts';
import type { Clock } from '../std/clock.ts';
import type { Random } from '../std/random.ts';
import { EmulatedBatch } from './emulated-batch.ts';
import { EmulatedListener, type ListenAt } from './emulated-listener.ts';
import { EngineClient } from './engine-client.ts';
import { FaultSwitch, type EmulatorFault } from './emulator-fault.ts';
import type { EmulatorProfile } from './emulator-profile.ts';
import { HoldMeter, type HoldReport } from './hold-report.ts';
import { RequestDesk } from './request-desk.ts';

export interface EmulatorOptions {
  /** The endpoint's name, for the hold report. */
  readonly id: string;
  readonly profile: EmulatorProfile;
  /** The wrapped engine, which computes the tokens. */
  readonly upstream: EndpointAddress;
  /** A Unix socket, or a port of 127.0.0.1 (0 for any free one). */
  readonly listen: ListenAt;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * A running emulator. Its tokens are the wrapped engine's, its times and faults the profile's. Not emulated: the
 * speed-up by a cached prefix, the room for keys and values (only the number of requests is limited), and several
 * choices of one request, which are paced as one sequence.
 */
export interface Emulator {
  readonly id: string;
  readonly address: EndpointAddress;
  /** Sets what goes wrong from now on, for answers under way too; undefined ends it. */
  readonly setFault: (fault: EmulatorFault | undefined) => void;
  readonly fault: () => EmulatorFault | undefined;
  /** Resolves when a change of fault has taken effect on the listener (`down` by refusal, and back). */
  readonly settled: () => Promise<void>;
  readonly report: () => HoldReport;
  /** Resets all connections and gives the address up. */
  readonly stop: () => Promise<void>;
}

/** Connections to the engine beyond those of the batch: for probes. */
const spareConnections = 8;

/** Starts an emulator; rejects where its address is taken. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { id, profile, upstream, listen, clock, random } = options;
  const faults = new FaultSwitch();
  const meter = new HoldMeter(profile.id);
  const batch = new EmulatedBatch(profile.limits);
  const engine = new EngineClient(upstream, profile.limits.maxConcurrent + spareConnections);
  const desk = new RequestDesk({ profile, clock, random, faults, meter, batch, engine, onFaultCommand: setFault });
  const listener = new EmulatedListener(listen, profile.id, clock, (request, response) => desk.answer(request, response));

  function setFault(fault: EmulatorFault | undefined, askedOver?: Parameters<EmulatedListener['resetAll']>[0]): void {
    faults.set(fault);
    if (fault?.kind === 'down') listener.resetAll(askedOver);
    listener.want(!(fault?.kind === 'down' && fault.how === 'refuse'));
  }

  const port = await listener.open();
  const address: EndpointAddress =
    'socketPath' in listen
      ? { kind: 'socket', socketPath: listen.socketPath, basePath: '/v1' }
      : { kind: 'url', origin: `http://127.0.0.1:${port}`, basePath: '/v1' };
  return {
    id,
    address,
    setFault: (fault) => setFault(fault),
    fault: () => faults.current(),
    settled: () => listener.settled(),
    report: () => meter.report(),
    stop: async () => {
      await listener.close();
      await engine.close();
    },
  };
}
