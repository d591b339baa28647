import { startEmulator, type Emulator } from '../start-emulator.ts';
import type { ListenAt } from '../emulated-listener.ts';
import { emulatorProfile } from '../profiles.ts';
import type { EmulatorLimits, EmulatorProfile } from '../emulator-profile.ts';
import type { Clock } from '../../std/clock.ts';
import { leapingClock } from './leaping-clock.ts';
import { startNumberedTokenServer, type NumberedTokenOptions, type NumberedTokenServer } from './numbered-token-server.ts';

export interface EmulatedEngine {
  readonly emulator: Emulator;
  readonly engine: NumberedTokenServer;
  readonly clock: Clock;
  readonly profile: EmulatorProfile;
  readonly stop: () => Promise<void>;
}

export interface EmulatedEngineOptions extends NumberedTokenOptions {
  readonly profileId?: string;
  readonly limits?: Partial<EmulatorLimits>;
  readonly listen?: ListenAt;
  readonly clock?: Clock;
}

/** An emulator in virtual time over an engine of numbered tokens, without jitter. */
export async function startEmulatedEngine(options: EmulatedEngineOptions): Promise<EmulatedEngine> {
  const found = emulatorProfile(options.profileId ?? 'nvidia-h100');
  if (!found.ok) throw new Error(found.failure);
  const profile = { ...found.value, limits: { ...found.value.limits, ...options.limits } };
  const clock = options.clock ?? leapingClock();
  const engine = await startNumberedTokenServer(options);
  const emulator = await startEmulator({
    id: 'emulated',
    profile,
    upstream: engine.address,
    listen: options.listen ?? { port: 0 },
    clock,
    random: () => 0.5,
  });
  return {
    emulator,
    engine,
    clock,
    profile,
    stop: async () => {
      await emulator.stop();
      await engine.stop();
    },
  };
}
