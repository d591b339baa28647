/**
 * How long an endpoint is avoided after its nth failure in a row: 1 s, doubling, at most 30 s. Short at first, because
 * with two endpoints an ejection halves the fleet, and a restarted engine is back within two seconds.
 */
export function ejectionMs(failuresInARow: number): number {
  return Math.min(1000 * 2 ** Math.max(0, failuresInARow - 1), 30_000);
}
