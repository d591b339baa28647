import type { LinearSolver } from '../../../simulate/bound/linear-programme.ts';
import type { ShareWorld, TokenPrice, WorldEnd } from './share-world.ts';
import { sideOf } from '../share-cap.ts';

/**
 * The least that all requests of a run could have cost under its one cap on tokens, by somebody who knew every length
 * before: a linear programme a window, in which requests may even be split.
 */
export function leastCostUsd({ caps, candidates, prices }: ShareWorld, { asked }: WorldEnd, solver: LinearSolver): number {
  const [cap] = caps;
  if (cap === undefined || caps.length > 1 || cap.measure !== 'tokens') throw new RangeError('This bound knows one cap on tokens.');
  const side = (candidateAt: number): boolean => {
    const candidate = candidates[candidateAt];
    return candidate !== undefined && sideOf(cap, candidate.endpoint, (vendor) => vendor) === 'group';
  };
  const group = prices.filter((_, index) => side(index));
  const rest = prices.filter((_, index) => !side(index));
  const windows = Map.groupBy(asked, ({ atMs }) => Math.floor(atMs / cap.windowMs));
  let least = 0;
  for (const requests of windows.values()) {
    const elsewhere = requests.map(({ promptTokens, outputTokens }) => cheapest(rest, promptTokens, outputTokens));
    const saved = requests.map(({ promptTokens, outputTokens }, index) => (elsewhere[index] ?? 0) - cheapest(group, promptTokens, outputTokens));
    const tokens = requests.map(({ promptTokens, outputTokens }) => promptTokens + outputTokens);
    const whole = tokens.reduce((sum, count) => sum + count, 0);
    const { value } = solver.solve({
      // In millionths of a dollar, so that the solver's tolerance is small beside what is saved.
      gain: Float64Array.from(saved, (usd) => usd * 1e6),
      most: new Float64Array(requests.length).fill(1),
      rows: [{ columns: [...requests.keys()], values: tokens, limit: cap.most * whole }],
    });
    least += elsewhere.reduce((sum, usd) => sum + usd, 0) - value / 1e6;
  }
  return least;
}

function cheapest(prices: readonly TokenPrice[], promptTokens: number, outputTokens: number): number {
  return Math.min(...prices.map(({ input, output }) => promptTokens * input + outputTokens * output));
}
