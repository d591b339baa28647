import { expect, test } from 'vitest';
import { priorOf } from './prior-of.ts';
import { sampleCandidate, sampleDeployment, sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { SiliconBook } from '../fleet/chips/silicon-book.ts';
import type { Deployment } from '../fleet/deployment.ts';
import type { Prior } from '../policy/predict/prior.ts';
import type { SiliconEvidence } from '../fleet/silicon.ts';

const book = new SiliconBook({ vendors: [], chips: [], controlGroups: [] });

function prior(said: Partial<Deployment>, chip = 'H100 SXM', evidence: SiliconEvidence = 'declared'): Prior {
  const endpoint = sampleEndpoint({ id: 'a', silicon: { vendor: 'nvidia', chip, evidence } });
  return priorOf(sampleCandidate({ endpoint, deployment: sampleDeployment('a', said) }), (name) => book.chip(name));
}

const size = { parametersB: 8, chips: 1 };

test('a published figure is taken as it is, before the roofline', () => {
  expect(prior({ published: { ttftMs: 200, tokensPerSecond: 100 }, size })).toEqual({
    from: 'published',
    firstTokenMs: 200,
    perPromptTokenMs: undefined,
    stepMs: 10,
  });
});

test('a model of 8 B in 16 bits on an H100 reads its weights in 4.8 ms a step, in 8 bits in half of that', () => {
  const sixteen = prior({ size, quantization: 'bf16' });
  expect(sixteen).toMatchObject({ from: 'roofline', stepMs: expect.closeTo(16 / 3.35, 6), kvTokens: undefined });
  expect(prior({ size, quantization: 'fp8' }).stepMs).toBeCloseTo(8 / 3.35, 6);
  expect(prior({ size: { ...size, chips: 4 }, quantization: 'bf16' }).stepMs).toBeCloseTo(4 / 3.35, 6);
  // 2 operations a parameter at 989 TFLOP/s.
  expect(sixteen.perPromptTokenMs).toBeCloseTo(16 / 989, 6);
});

test('what keys and values take says how many tokens fit beside the weights', () => {
  const { perKvTokenMs, kvTokens } = prior({ size: { ...size, kvBytesPerToken: 131_072 }, quantization: 'bf16' });
  expect(kvTokens).toBe(Math.floor((80e9 * 0.9 - 16e9) / 131_072));
  expect(perKvTokenMs).toBeCloseTo(131_072 / 3.35e9, 12);
});

test.each<[string, Prior]>([
  ['a chip that nobody knows', prior({ size }, 'Abacus 3000')],
  ['a size that nobody said', prior({})],
  ['an emulated chip', prior({ size }, 'H100 SXM', 'emulated')],
])('of %s nothing is believed', (_name, none) => {
  expect(none).toEqual({ from: 'none' });
});
