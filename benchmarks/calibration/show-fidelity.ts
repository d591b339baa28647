import type { Fidelity } from '../../src/simulate/calibrate/fidelity.ts';

/** Mean errors that are allowed, of what was measured. */
export const bars = { total: 0.1, ttft: 0.2, tpot: 0.1 } as const;

const measures = ['total', 'ttft', 'tpot'] as const;

export function isWithinBars(fidelity: Fidelity): boolean {
  return measures.every((of) => fidelity[of].each <= bars[of]);
}

export function showFidelity(name: string, fidelity: Fidelity): string {
  const parts = measures.map(
    (of) => `${of} ${(100 * fidelity[of].each).toFixed(1)} % off request by request, ${(100 * fidelity[of].ofMean).toFixed(1)} % in the mean`,
  );
  return `  ${name} (n = ${fidelity.requests}): ${parts.join('; ')}`;
}
