import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kvCapacityTokens } from '../step-time/kv-capacity-tokens.ts';
import { memoryRooflineMs } from '../step-time/step-time-ms.ts';
import { chipFactsOf, tpotMs, ttftMs } from './pace.ts';
import { describeProfile, emulatedSilicon, emulatorProfile, emulatorProfiles, profileFacts } from './profiles.ts';

const profiles = fc.constantFrom(...emulatorProfiles.values());
const load = fc.record({ sequences: fc.integer({ min: 1, max: 512 }), residentKvTokens: fc.nat(2_000_000) });

describe('every profile', () => {
  const facts = [...emulatorProfiles.values()].flatMap((profile) => profileFacts(profile).map(([name, fact]) => ({ id: profile.id, name, fact })));

  test.each(facts)('$id says where its $name comes from', ({ fact }) => {
    expect(['published', 'assumed']).toContain(fact.evidence);
    expect(fact.source.length).toBeGreaterThan(5);
    expect(fact.sourceDate).not.toBe('');
    expect(fact.status).not.toBe('');
    expect(fact.evidence === 'assumed').toBe(fact.status === 'assumed');
  });

  test.each([...emulatorProfiles.values()])('$id gives its silicon as emulated', (profile) => {
    expect(emulatedSilicon(profile)).toEqual({ vendor: profile.vendor, chip: profile.chip, evidence: 'emulated' });
  });

  test.each([...emulatorProfiles.values()])('$id calls nothing of itself measured', (profile) => {
    expect(JSON.stringify(profile) + describeProfile(profile)).not.toMatch(/measured/i);
  });

  test('slows down, never up, as sequences and their keys and values grow', () => {
    fc.assert(
      fc.property(profiles, load, fc.nat(32), fc.nat(10_000), fc.nat(8_000), (profile, now, moreSequences, moreTokens, prompt) => {
        const later = { sequences: now.sequences + moreSequences, residentKvTokens: now.residentKvTokens + moreTokens };
        expect(tpotMs(profile, later)).toBeGreaterThanOrEqual(tpotMs(profile, now));
        expect(ttftMs(profile, prompt, later)).toBeGreaterThanOrEqual(ttftMs(profile, prompt, now));
        expect(ttftMs(profile, prompt + 1, now)).toBeGreaterThanOrEqual(ttftMs(profile, prompt, now));
      }),
    );
  });

  test.each([...emulatorProfiles.values()])('$id takes longer for each token of a full batch than for a single sequence', (profile) => {
    const { maxConcurrent } = profile.limits;
    const alone = tpotMs(profile, { sequences: 1, residentKvTokens: 1_000 });
    expect(tpotMs(profile, { sequences: maxConcurrent, residentKvTokens: maxConcurrent * 1_000 })).toBeGreaterThan(alone);
  });
});

const rooflineProfiles = [...emulatorProfiles.values()].flatMap((profile) =>
  profile.pace.kind === 'roofline' ? [{ id: profile.id, profile, pace: profile.pace }] : [],
);

test.each(rooflineProfiles)('$id never beats its chip’s memory, and its batch fits beside the weights', ({ profile, pace }) => {
  const chip = chipFactsOf(pace);
  const floor = memoryRooflineMs(chip, profile.model, { prefillTokens: 0, decodeSequences: 1, residentKvTokens: 0 });
  expect(tpotMs(profile, { sequences: 1, residentKvTokens: 0 })).toBeGreaterThan(floor);
  // Each sequence costs arithmetic and a written token, even with equal keys and values to read.
  expect(tpotMs(profile, { sequences: 2, residentKvTokens: 0 })).toBeGreaterThan(tpotMs(profile, { sequences: 1, residentKvTokens: 0 }));
  expect(kvCapacityTokens(chip, profile.model)).toBeGreaterThan(profile.limits.maxConcurrent * 4_096);
});

test('an unknown profile is answered with the names of those there are', () => {
  const found = emulatorProfile('abacus');
  expect(found.ok ? '' : found.failure).toContain('nvidia-h100, amd-mi300x, groq-lpu, cerebras-wse3, google-tpu, aws-trainium2, intel-gaudi3');
});
