import type { Silicon } from '../fleet/silicon.ts';
import { failure, success, type Result } from '../std/result.ts';
import type { EmulatorProfile, Sourced } from './emulator-profile.ts';
import { tpotMs, ttftMs } from './pace.ts';
import { profileData } from './profile-data.ts';

/** The chips that can be emulated, by id. */
export const emulatorProfiles: ReadonlyMap<string, EmulatorProfile> = new Map(profileData.map((profile) => [profile.id, profile]));

/** The profile of this id, or a sentence that names those there are. */
export function emulatorProfile(id: string): Result<EmulatorProfile, string> {
  const profile = emulatorProfiles.get(id);
  if (profile !== undefined) return success(profile);
  return failure(`There is no emulator profile "${id}". There are: ${[...emulatorProfiles.keys()].join(', ')}.`);
}

/** Every figure of a profile that has a source, by name. */
export function profileFacts(profile: EmulatorProfile): readonly (readonly [string, Sourced])[] {
  const { pace } = profile;
  const figures =
    pace.kind === 'roofline'
      ? {
          memoryBandwidth: pace.memoryBandwidthTbPerS,
          denseArithmetic: pace.denseTflops,
          memory: pace.memoryGb,
          fitFactor: pace.fitFactor,
          stepOverhead: pace.stepOverheadMs,
          network: pace.networkMs,
        }
      : {
          outputSpeed: pace.outputTokensPerS,
          promptSpeed: pace.promptTokensPerS,
          firstTokenFloor: pace.firstTokenFloorMs,
          fullSpeedSequences: pace.fullSpeedSequences,
        };
  return Object.entries({ ...figures, jitter: profile.jitterFraction });
}

/**
 * One sentence that says what is emulated and on what evidence: for status pages and logs. The speeds follow from
 * the profile's figures; they were never measured on the chip.
 */
export function describeProfile(profile: EmulatorProfile): string {
  const alone = { sequences: 1, residentKvTokens: 1_000 };
  const facts = profileFacts(profile);
  const names = (evidence: Sourced['evidence']): string =>
    facts
      .filter(([, fact]) => fact.evidence === evidence)
      .map(([name]) => name)
      .join(', ') || 'none';
  return (
    `Emulates ${profile.vendor} ${profile.chip} with ${profile.modelName}: for a prompt of 1,000 tokens alone, first token after ` +
    `${ttftMs(profile, 1_000, alone).toFixed(1)} ms, then ${(1_000 / tpotMs(profile, alone)).toFixed(0)} tokens/s. ` +
    `Published: ${names('published')}. Assumed: ${names('assumed')}.`
  );
}

/** What an emulator's endpoint says of its silicon: never counted as that vendor's (DESIGN §4.10). */
export function emulatedSilicon(profile: EmulatorProfile): Silicon {
  return { vendor: profile.vendor, chip: profile.chip, evidence: 'emulated' };
}
