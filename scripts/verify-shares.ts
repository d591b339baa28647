/**
 * Shares under whoever turns the lengths of answers against them: 10,000 seeded fleets with hard caps (and as many with a
 * soft one), and what a cap of 60 % costs beside the linear programme that knew every length before. Prints a line for
 * each; exits 1 where a cap did not hold. Fewer: RUNS=500; one again, with what broke: SEED=17.
 */
import { adversaries, broken, pacedWorld, randomWorld, runWorld } from '../src/policy/shares/testing/share-world.ts';
import { leastCostUsd } from '../src/policy/shares/testing/least-cost.ts';
import { loadHighsSolver } from '../src/simulate/bound/highs-solver.ts';
import { seededRandom } from '../src/std/random.ts';

const runs = Number(process.env['RUNS'] ?? 10_000);
const onlySeed = process.env['SEED'];
const seeds = onlySeed === undefined ? Array.from({ length: runs }, (_, index) => index) : [Number(onlySeed)];
const softWithin = 0.02;
const costWithin = 1.05;
let bad = 0;

function failed(seed: number, what: string): void {
  bad += 1;
  if (bad <= 20) console.log(`${what}\nreplay with: SEED=${seed} npm run verify:shares`);
}

let [windows, refused, requests] = [0, 0, 0];
for (const seed of seeds) {
  const world = randomWorld(seededRandom(seed));
  const end = runWorld(world);
  windows += end.windows.filter(({ cap, group, rest }) => group + rest >= cap.minimumVolume).length;
  refused += end.refused;
  requests += world.requests;
  const broke = broken(end);
  if (broke.length > 0) failed(seed, `hard, ${world.adversary}: ${broke.join('; ')}`);
}
console.log(`hard caps held in ${seeds.length} simulations: ${windows} windows above their minimum volume, ${requests} requests, ${refused} refused`);

let worst = 0;
for (const seed of seeds) {
  const adversary = adversaries[seed % adversaries.length] ?? 'honest';
  const end = runWorld(pacedWorld(seededRandom(seed), 'soft', adversary));
  for (const { cap, group, rest } of end.windows) if (group + rest >= cap.minimumVolume) worst = Math.max(worst, group / (group + rest) - cap.most);
  const broke = broken(end, softWithin);
  if (broke.length > 0) failed(seed, `soft, ${adversary}: ${broke.join('; ')}`);
}
console.log(`soft caps in ${seeds.length} simulations: at most ${(worst * 100).toFixed(2)} points above`);

const solver = await loadHighsSolver();
let [dearest, dearestExtra] = [0, 0];
for (const seed of seeds.slice(0, 100)) {
  const world = pacedWorld(seededRandom(seed), 'hard', 'honest');
  const end = runWorld(world);
  const least = leastCostUsd(world, end, solver);
  const free = leastCostUsd({ ...world, caps: world.caps.map((cap) => ({ ...cap, most: 1 })) }, end, solver);
  dearest = Math.max(dearest, end.usd / least);
  // Where the cap hardly costs anything, a ratio of such costs says nothing.
  if (least - free > 0.05 * free) dearestExtra = Math.max(dearestExtra, (end.usd - free) / (least - free));
  if (end.usd > least * costWithin) failed(seed, `cost: ${end.usd} USD, where ${least} USD was possible`);
}
console.log(
  `a hard cap of 60 % in ${Math.min(seeds.length, 100)} simulations: at most ${((dearest - 1) * 100).toFixed(1)} % above the linear programme ` +
    `(what the cap itself cost: at most ${((dearestExtra - 1) * 100).toFixed(1)} % above)`,
);
console.log(bad === 0 ? 'all caps held' : `${bad} simulations broke a cap`);
process.exitCode = bad === 0 ? 0 : 1;
