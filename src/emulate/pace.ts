import { groupOfChips, type ChipFacts } from '../step-time/chip-facts.ts';
import { stepTimeMs } from '../step-time/step-time-ms.ts';
import type { EmulatorProfile, RooflinePace } from './emulator-profile.ts';

/** What the emulated chip has in hand at a moment. */
export interface PaceLoad {
  /** Sequences being answered, the one asked about included: at least 1. */
  readonly sequences: number;
  /** Tokens whose keys and values lie in the emulated memory, over all sequences. */
  readonly residentKvTokens: number;
}

/** The emulated chips of a roofline profile as one. */
export function chipFactsOf(pace: RooflinePace): ChipFacts {
  const chip = {
    memoryBandwidthTbPerS: pace.memoryBandwidthTbPerS.value,
    denseTflops: pace.denseTflops.value,
    memoryGb: pace.memoryGb.value,
  };
  return groupOfChips(chip, pace.chips);
}

/**
 * Milliseconds from admission to the first content: the prompt is computed in one step beside the decodes of the
 * other sequences.
 */
export function ttftMs(profile: EmulatorProfile, promptTokens: number, load: PaceLoad): number {
  const { pace, model } = profile;
  if (pace.kind === 'per-request') {
    return pace.firstTokenFloorMs.value + (promptTokens / pace.promptTokensPerS.value) * 1_000 * sharing(load, pace.fullSpeedSequences.value);
  }
  const step = {
    prefillTokens: Math.max(1, promptTokens),
    decodeSequences: Math.max(0, load.sequences - 1),
    residentKvTokens: load.residentKvTokens,
  };
  return pace.networkMs.value + stepTimeMs(chipFactsOf(pace), model, step, fitOf(pace));
}

/** Milliseconds for one token of each sequence. */
export function tpotMs(profile: EmulatorProfile, load: PaceLoad): number {
  const { pace, model } = profile;
  if (pace.kind === 'per-request') return (1_000 / pace.outputTokensPerS.value) * sharing(load, pace.fullSpeedSequences.value);
  const step = { prefillTokens: 0, decodeSequences: Math.max(1, load.sequences), residentKvTokens: load.residentKvTokens };
  return stepTimeMs(chipFactsOf(pace), model, step, fitOf(pace));
}

function fitOf(pace: RooflinePace): { readonly factor: number; readonly overheadMs: number } {
  return { factor: pace.fitFactor.value, overheadMs: pace.stepOverheadMs.value };
}

function sharing(load: PaceLoad, fullSpeedSequences: number): number {
  return Math.max(1, load.sequences / fullSpeedSequences);
}
