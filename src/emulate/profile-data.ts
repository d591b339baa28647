import type { ModelShape } from '../step-time/model-shape.ts';
import type { EmulatorProfile, Sourced } from './emulator-profile.ts';

/** Llama 3.1 8B as its published configuration describes it: 32 layers, 32 query heads and 8 key-value heads of 128. */
const llama8b = {
  parameters: 8.03e9,
  activeParameters: 8.03e9,
  layers: 32,
  attentionWidth: 4_096,
  // Keys and values: 2 × 32 layers × 8 heads × 128 values of 2 bytes.
  kvBytesPerToken: 131_072,
} as const;

const eightBit: ModelShape = { ...llama8b, bytesPerParameter: 1 };
const sixteenBit: ModelShape = { ...llama8b, bytesPerParameter: 2 };

/** A vendor's own figure, which nobody here has checked. */
function claimed(value: number, unit: string, source: string, sourceDate: string): Sourced {
  return { value, unit, evidence: 'published', source, sourceDate, status: 'claimed' };
}

function assumed(value: number, unit: string, why: string): Sourced {
  return { value, unit, evidence: 'assumed', source: why, sourceDate: '2026-11-24', status: 'assumed' };
}

const fitReason = 'chosen by us: engines commonly reach a half to two thirds of the roofline';
const overheadReason = 'chosen by us: scheduling and launches of one step';
const network = assumed(2, 'ms', 'chosen by us: a client in the same building');
const jitter = assumed(0.03, 'part', 'chosen by us: small differences between requests');

interface RooflineFigures {
  readonly id: string;
  readonly vendor: string;
  readonly chip: string;
  readonly memoryBandwidthTbPerS: Sourced;
  readonly denseTflops: Sourced;
  readonly memoryGb: Sourced;
  readonly fitFactor: number;
  readonly stepOverheadMs: number;
  readonly maxConcurrent: number;
  readonly note: string;
}

function rooflineProfile(figures: RooflineFigures): EmulatorProfile {
  const { id, vendor, chip, memoryBandwidthTbPerS, denseTflops, memoryGb, note } = figures;
  return {
    id,
    vendor,
    chip,
    note,
    modelName: 'a dense model of 8 B parameters in 8 bit (the shape of Llama 3.1 8B), on one chip',
    model: eightBit,
    pace: {
      kind: 'roofline',
      memoryBandwidthTbPerS,
      denseTflops,
      memoryGb,
      chips: 1,
      fitFactor: assumed(figures.fitFactor, 'factor', fitReason),
      stepOverheadMs: assumed(figures.stepOverheadMs, 'ms', overheadReason),
      networkMs: network,
    },
    limits: { maxConcurrent: figures.maxConcurrent, maxWaiting: figures.maxConcurrent, retryAfterS: 1 },
    jitterFraction: jitter,
  };
}

export const profileData: readonly EmulatorProfile[] = [
  rooflineProfile({
    id: 'nvidia-h100',
    vendor: 'nvidia',
    chip: 'H100 SXM',
    memoryBandwidthTbPerS: claimed(3.35, 'TB/s', 'InferenceX-app gpu-specs.ts', '2026-04-03'),
    denseTflops: claimed(1_979, 'TFLOP/s, 8 bit', 'InferenceX-app gpu-specs.ts', '2026-04-03'),
    memoryGb: claimed(80, 'GB', 'InferenceX-app gpu-specs.ts', '2026-04-03'),
    fitFactor: 1.6,
    stepOverheadMs: 1.2,
    maxConcurrent: 64,
    note: 'Many tables list the sparse 3,958 TFLOP/s as dense; the dense figure is used.',
  }),
  rooflineProfile({
    id: 'amd-mi300x',
    vendor: 'amd',
    chip: 'MI300X',
    memoryBandwidthTbPerS: claimed(5.3, 'TB/s', 'InferenceX-app gpu-specs.ts', '2026-04-03'),
    denseTflops: claimed(2_615, 'TFLOP/s, 8 bit', 'InferenceX-app gpu-specs.ts', '2026-04-03'),
    memoryGb: claimed(192, 'GB', 'InferenceX-app gpu-specs.ts', '2026-04-03'),
    fitFactor: 1.8,
    stepOverheadMs: 1.8,
    maxConcurrent: 64,
    note: 'More bandwidth than an H100; the assumed fit and overhead take part of that back.',
  }),
  {
    id: 'groq-lpu',
    vendor: 'groq',
    chip: 'LPU (v1)',
    modelName: 'a dense model of 8 B parameters (Llama 3.1 8B) over a pipeline of many LPUs',
    model: eightBit,
    pace: {
      kind: 'per-request',
      outputTokensPerS: assumed(
        560,
        'tokens/s',
        'third parties quote 560 to 780 tokens/s for Llama 3.1 8B on this service in 2026; the lowest is taken, no page of the vendor was at hand',
      ),
      promptTokensPerS: assumed(10_000, 'tokens/s', 'chosen by us'),
      firstTokenFloorMs: assumed(50, 'ms', 'third parties quote about 45 to 50 ms to the first token'),
      fullSpeedSequences: assumed(16, 'sequences', 'chosen by us: beyond, requests share the pipeline'),
    },
    limits: { maxConcurrent: 32, maxWaiting: 32, retryAfterS: 2 },
    jitterFraction: jitter,
    note: 'One chip holds 0.23 GB (evokernel-spec, 2026-04-29, claimed), so a roofline of one chip says nothing. Groq licensed its design to NVIDIA in 2025: count its control group accordingly.',
  },
  {
    id: 'cerebras-wse3',
    vendor: 'cerebras',
    chip: 'WSE-3 / CS-3',
    modelName: 'a dense model of 8 B parameters in 16 bit (Llama 3.1 8B) on one wafer',
    model: sixteenBit,
    pace: {
      kind: 'per-request',
      outputTokensPerS: claimed(
        1_800,
        'tokens/s',
        'cerebras.ai blog, "Llama3.1 model quality evaluation" (1,800 tokens/s for Llama 3.1 8B, attributed to Artificial Analysis)',
        '2024',
      ),
      promptTokensPerS: assumed(40_000, 'tokens/s', 'chosen by us'),
      firstTokenFloorMs: assumed(60, 'ms', 'chosen by us'),
      fullSpeedSequences: assumed(16, 'sequences', 'chosen by us: beyond, requests share the wafer'),
    },
    limits: { maxConcurrent: 32, maxWaiting: 32, retryAfterS: 2 },
    jitterFraction: jitter,
    note: 'The roofline of 21,000 TB/s would promise far more than the service delivers, so the published speed is used.',
  },
  rooflineProfile({
    id: 'google-tpu',
    vendor: 'google',
    chip: 'TPU v6e (Trillium)',
    memoryBandwidthTbPerS: claimed(1.64, 'TB/s', 'docs.cloud.google.com/tpu/docs/v6e', 'undated'),
    denseTflops: claimed(918, 'TFLOP/s, bf16', 'docs.cloud.google.com/tpu/docs/v6e', 'undated'),
    memoryGb: claimed(32, 'GB', 'docs.cloud.google.com/tpu/docs/v6e', 'undated'),
    fitFactor: 1.5,
    stepOverheadMs: 1,
    maxConcurrent: 32,
    note: 'The arithmetic is counted in bf16, as the table gives it for 8-bit floating point.',
  }),
  rooflineProfile({
    id: 'aws-trainium2',
    vendor: 'aws',
    chip: 'Trainium2',
    memoryBandwidthTbPerS: claimed(2.9, 'TB/s', 'awsdocs-neuron v2.29 trainium2.rst; memory from evokernel-spec and rooflinenotes.dev', '2026'),
    denseTflops: claimed(1_299, 'TFLOP/s, 8 bit', 'awsdocs-neuron v2.29 trainium2.rst', '2026'),
    memoryGb: claimed(96, 'GB', 'awsdocs-neuron v2.29 trainium2.rst; memory from evokernel-spec and rooflinenotes.dev', '2026'),
    fitFactor: 2,
    stepOverheadMs: 2,
    maxConcurrent: 32,
    note: 'Memory figures are second-hand.',
  }),
  rooflineProfile({
    id: 'intel-gaudi3',
    vendor: 'intel',
    chip: 'Gaudi 3 (OAM)',
    memoryBandwidthTbPerS: claimed(3.7, 'TB/s', 'evokernel-spec (intel.com product page)', '2026-04-28'),
    denseTflops: claimed(1_835, 'TFLOP/s, 8 bit', 'evokernel-spec (intel.com product page)', '2026-04-28'),
    memoryGb: claimed(128, 'GB', 'evokernel-spec (intel.com product page)', '2026-04-28'),
    fitFactor: 2,
    stepOverheadMs: 2.2,
    maxConcurrent: 32,
    note: 'Independent matrix tests report throttling by heat and power (squeezebits, 2025-10-28); the assumed fit allows for it.',
  }),
];
