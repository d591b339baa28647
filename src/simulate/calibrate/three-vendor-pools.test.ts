import { expect, test } from 'vitest';
import { poolReplicas, simulateStage } from './three-vendor-pools.ts';
import { threeVendorFacts } from './three-vendor-facts.ts';
import { threeVendorFits } from './three-vendor-fits.ts';

/** As far off as the fit itself was, and a little more for another seed. */
const mostOff = { tpot: 0.3, total: 0.3 };

test.each(threeVendorFacts.map((facts) => [facts.pool, facts] as const))('the kept fit of %s is as near to its stages as is said', (pool, facts) => {
  const replicas = poolReplicas(facts, threeVendorFits[pool]);
  const off = facts.stages.map((stage) => {
    const found = simulateStage(replicas, stage, 3);
    return { tpot: Math.abs(Math.log(found.tpotMeanMs / stage.tpotMeanMs)), total: Math.abs(Math.log(found.totalMeanMs / stage.totalMeanMs)) };
  });
  const mean = (of: 'tpot' | 'total'): number => off.reduce((sum, one) => sum + one[of], 0) / off.length;
  expect(mean('tpot')).toBeLessThan(mostOff.tpot);
  expect(mean('total')).toBeLessThan(mostOff.total);
});
