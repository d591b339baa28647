import { fleetFileSchema, type FleetFile } from '../../src/simulate/fleet-file.ts';
import { rentUsdPerChipHour, tokenPrices } from './prices.ts';
import { threeVendorChips, threeVendorModel, threeVendorSlo } from '../../src/simulate/calibrate/three-vendor-pools.ts';
import { threeVendorFacts } from '../../src/simulate/calibrate/three-vendor-facts.ts';
import { threeVendorFits } from '../../src/simulate/calibrate/three-vendor-fits.ts';

const llama8b = { parameters: 8.03e9, bytesPerParameter: 2, kvBytesPerToken: 131_072, layers: 32, attentionWidth: 4096 };

export type Variant = 'plain' | 'one pool slows by half' | 'drift' | 'recorded step tables';

export interface FleetOptions {
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly variant: Variant;
  /** When the pool slows down. */
  readonly middleMs: number;
}

/**
 * Six replicas of three vendors. `speed` is hidden truth: 30 % faster, 30 % slower and 10 % slower than the chips'
 * figures say; no policy is told, but the one that is said to know capacities.
 */
export function mixedFleet({ ttftMs, tpotMs, variant, middleMs }: FleetOptions): FleetFile {
  const table = variant === 'recorded step tables';
  return fleetFileSchema.parse({
    model: llama8b,
    slo: { ttftMs, tpotMs },
    pools: [
      {
        id: 'nvidia',
        vendor: 'nvidia',
        price: tokenPrices.nvidia,
        chip: 'H100 SXM',
        replicas: 2,
        memoryBandwidthTbPerS: 3.35,
        denseTflops: 989,
        memoryGb: 80,
        speed: 1.3,
        ...(table ? { stepTable: 'rtxpro6000' } : {}),
      },
      {
        id: 'amd',
        vendor: 'amd',
        price: tokenPrices.amd,
        chip: 'MI325X',
        replicas: 2,
        memoryBandwidthTbPerS: 6,
        denseTflops: 1307,
        memoryGb: 256,
        speed: 0.7,
        fit: { computeFactor: 2.4, memoryFactor: 1.6 },
        ...(table ? { stepTable: 'rtxpro6000', speed: 1.8 } : {}),
      },
      {
        id: 'intel',
        vendor: 'intel',
        price: tokenPrices.intel,
        chip: 'Gaudi 3',
        replicas: 2,
        memoryBandwidthTbPerS: 3.7,
        denseTflops: 1835,
        memoryGb: 128,
        speed: 0.9,
        fit: { computeFactor: 4, memoryFactor: 1.8, perSequenceMs: 0.1 },
        ...(table ? { stepTable: 'rtx4090' } : {}),
      },
    ],
    faults:
      variant === 'one pool slows by half'
        ? [{ kind: 'slow', target: { by: 'pool', name: 'nvidia' }, atMs: middleMs, forMs: 1e9, factor: 2 }]
        : variant === 'drift'
          ? ['nvidia', 'amd', 'intel'].map((name) => ({ kind: 'drift', target: { by: 'pool', name }, most: 0.3, everyMs: 2000 }))
          : [],
  });
}

/** Of all six replicas, US dollars. */
export const mixedFleetUsdPerHour = 2 * (rentUsdPerChipHour.nvidia + rentUsdPerChipHour.amd + rentUsdPerChipHour.intel);

/** The three pools as fitted to what others measured, or one of them alone. */
export function threeVendorFleet(only?: string): FleetFile {
  const pools = threeVendorFacts.filter(({ pool }) => only === undefined || pool === only);
  return fleetFileSchema.parse({
    model: threeVendorModel,
    slo: threeVendorSlo,
    pools: pools.map(({ pool, chip, replicas }) => {
      const { kvShare, ...fit } = threeVendorFits[pool];
      return { id: pool, vendor: pool, chip, replicas, ...threeVendorChips[pool], fit, kvShare, maxBatchTokens: 8192 };
    }),
  });
}
