import type { CapStanding, DependenceReport, OutageBound, VendorShare } from '../../src/policy/dependence/dependence-report.ts';

const hourMs = 3_600_000;
/** Steps of half an hour over a day. */
const bucketMs = hourMs / 2;
const steps = 48;

/** A day of four vendors under caps, one of which binds; two models have no second source. */
export function sampleDependence(asOfWallMs: number): DependenceReport {
  return {
    asOfWallMs,
    windowMs: 24 * hourMs,
    sentence: 'NVIDIA made 58.2 % of the tokens. Without it, at least 41 % of the peak load would still be served, and nothing for sure of 2 models.',
    shares: [
      share('nvidia', 'nvidia', 0.582, { measured: 5_904_000, declared: 512_000 }, 812.4),
      share('amd', 'amd', 0.251, { measured: 2_767_000 }, 201.18),
      share('groq', 'nvidia', 0.121, { inferred: 1_334_000 }, 88.02),
      share('unknown', 'unknown', 0.046, { unknown: 507_100 }, undefined),
    ],
    emulatedTokens: 84_200,
    concentration: { vendor: 0.418, controlGroup: 0.56 },
    caps: [
      { ...cap('amd', 0.4, 0.251, 'room'), kind: 'soft' },
      { ...cap('nvidia', 0.6, 0.594, 'binding'), displaced: { requests: 312, tokens: 84_200, extraUsd: 1.92, extraTtftMs: 38 } },
      { ...cap('groq', 0.15, 0.138, 'near'), measure: 'usd' },
    ],
    overTime: {
      bucketMs,
      points: Array.from({ length: steps }, (_, step) => ({
        atWallMs: asOfWallMs - (steps - step) * bucketMs,
        tokens: {
          nvidia: 100_000 + 45_000 * Math.sin(step / 5) + 900 * step,
          amd: 62_000 - 18_000 * Math.sin(step / 5),
          groq: 22_000 + 8_000 * Math.cos(step / 4),
          unknown: step < 20 ? 14_000 : 5_000,
        },
      })),
    },
    outages: [
      bound('chat-large', 'interactive', 0.41, ['vllm-mi300x', 'parity with the lost deployment is not proven']),
      bound('chat-large', 'batch', 0.88),
      bound('vision', 'interactive', 0),
      bound('embed', 'batch', 0),
      { ...bound('chat-large', 'interactive', 1), lost: { by: 'vendor', name: 'amd' } },
      {
        ...bound(
          'chat-large',
          'interactive',
          0.73,
          ['eu-api-1', 'its processor is not approved'],
          ['eu-api-2', 'its processor is not approved'],
          ['box-7', 'its silicon is unknown'],
        ),
        lost: { by: 'failureDomain', name: 'rack 3' },
      },
      { ...bound('chat-large', 'interactive', 0.29), lost: { by: 'controlGroup', name: 'nvidia' } },
    ],
    withoutSecondSource: ['vision', 'embed'],
  };
}

/** Before any request: nothing is known but what is configured. */
export function dependenceWithoutTraffic(asOfWallMs: number): DependenceReport {
  return {
    ...sampleDependence(asOfWallMs),
    sentence: 'No token was made in the last 24 hours, so nothing depends on anybody yet.',
    // Answered without a token.
    shares: [share('nvidia', 'nvidia', 0, {}, 0)],
    emulatedTokens: 0,
    concentration: { vendor: undefined, controlGroup: undefined },
    caps: [cap('nvidia', 0.6, 0, 'below-minimum')],
    overTime: { bucketMs, points: [] },
    outages: [],
    withoutSecondSource: [],
  };
}

/** NVIDIA's cap yields to a declared loss of AMD. */
export function dependenceUnderLoss(asOfWallMs: number): DependenceReport {
  const before = sampleDependence(asOfWallMs);
  return {
    ...before,
    sentence: 'AMD is lost. NVIDIA makes 83 % of the tokens, above its cap of 60 %, which yields until the loss is over.',
    caps: before.caps.map((one) => (one.group.name === 'nvidia' ? { ...one, share: 0.83, state: 'yielding' } : one)),
  };
}

/** More models, vendors and losses than fit on a screen. */
export function largeDependence(asOfWallMs: number): DependenceReport {
  const before = sampleDependence(asOfWallMs);
  const models = Array.from({ length: 60 }, (_, index) => `model-${index}-with-a-name-that-somebody-made-long`);
  const vendors = ['nvidia', 'amd', 'google', 'aws', 'intel', 'cerebras', 'groq', 'apple', 'a-vendor-that-nobody-knows-by-name', 'unknown'];
  return {
    ...before,
    shares: vendors.map((vendor, index) => share(vendor, vendor, 0.5 ** (index + 1), { measured: 1_000_000 * 0.5 ** index }, 100 * 0.5 ** index)),
    overTime: {
      ...before.overTime,
      points: before.overTime.points.map(({ atWallMs }, step) => ({
        atWallMs,
        tokens: Object.fromEntries(vendors.map((vendor, index) => [vendor, 1_000_000 * 0.6 ** index * (1 + 0.3 * Math.sin(step / (3 + index)))])),
      })),
    },
    outages: models.flatMap((model, index) => [
      bound(model, 'interactive', index / 60, ['vllm-mi300x', 'parity with the lost deployment is not proven']),
      bound(model, 'batch', Math.min(1, index / 40)),
    ]),
    withoutSecondSource: models.slice(0, 40),
  };
}

function share(vendor: string, controlGroup: string, part: number, evidence: VendorShare['evidence'], usd: number | undefined): VendorShare {
  const tokens = Object.values(evidence).reduce((sum, count) => sum + count, 0);
  return { vendor, controlGroup, share: part, tokens, requests: Math.round(tokens / 410), usd, evidence };
}

function cap(vendor: string, most: number, now: number, state: CapStanding['state']): CapStanding {
  return {
    group: { by: 'vendor', name: vendor },
    measure: 'tokens',
    kind: 'hard',
    most,
    windowMs: hourMs,
    share: now,
    state,
    displaced: { requests: 0, tokens: 0, extraUsd: undefined, extraTtftMs: undefined },
  };
}

function bound(model: string, sloClass: string, atLeast: number, ...leftOut: readonly (readonly [string, string])[]): OutageBound {
  return {
    model,
    sloClass,
    lost: { by: 'vendor', name: 'nvidia' },
    atLeast,
    peakTokensPerSecond: 1240,
    leftOut: leftOut.map(([endpointId, why]) => ({ endpointId, why })),
  };
}
