import type { DeploymentProfile } from '../predict/deployment-profile.ts';
import type { Random } from '../../std/random.ts';

/** Costs that differ by less than this part are alike, and chance decides: several gateways must not run to the same place. */
const alike = 0.02;
/** One request in so many goes to a place that nobody has heard of lately, where that is safe. */
const exploredShare = 0.01;
/** A place that never answered and has nothing to do is tried that often. */
const unknownShare = 0.25;
const staleMs = 10_000;
/** How much worse than the best a place may be that is tried to learn of it, in requests. */
const safe = 0.05;

/** Which of the candidates gets the request: the cheapest, but for chance among equals and now and then a look at others. */
export function pickIndex(
  count: number,
  costs: Float64Array,
  nowMs: number,
  random: Random,
  profiles: readonly (DeploymentProfile | undefined)[],
): number {
  let least = Infinity;
  for (let index = 0; index < count; index += 1) least = Math.min(least, costs[index] ?? Infinity);
  const drawn = random();
  if (drawn < unknownShare) {
    const explored = exploredIndex(count, costs, least + safe, drawn < exploredShare ? nowMs - staleMs : -Infinity, profiles);
    if (explored >= 0) return explored;
  }
  let best = 0;
  let equals = 0;
  for (let index = 0; index < count; index += 1) {
    if ((costs[index] ?? Infinity) > least * (1 + alike)) continue;
    equals += 1;
    if (equals === 1 || random() * equals < 1) best = index;
  }
  return best;
}

/** The one unheard of longest, if it is safe; -1 where there is none. Idle, since one request at a time teaches enough. */
function exploredIndex(
  count: number,
  costs: Float64Array,
  most: number,
  staleBeforeMs: number,
  profiles: readonly (DeploymentProfile | undefined)[],
): number {
  let found = -1;
  let oldestMs = Infinity;
  for (let index = 0; index < count; index += 1) {
    const profile = profiles[index];
    if (profile === undefined || (costs[index] ?? Infinity) > most) continue;
    if (profile.inFlight > 0 || !(profile.isUnknown || profile.lastSeenMs < staleBeforeMs) || profile.lastSeenMs >= oldestMs) continue;
    found = index;
    oldestMs = profile.lastSeenMs;
  }
  return found;
}
