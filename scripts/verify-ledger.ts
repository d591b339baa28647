/**
 * Kills the gateway with SIGKILL twenty times while 500 streams run, restarts it over the same ledger each time, and
 * compares the ledger with the upstream's own account of what it was asked. Prints one row a kill; exits 1 where the
 * two ever differ. Everything runs on loopback; the figures are of the machine that it runs on.
 */
import { killRounds, type KillRound } from '../test/support/kill-rounds.ts';
import { seededRandom } from '../src/std/random.ts';

const rounds = 20;
const streams = 500;
const seed = Number(process.env['SEED'] ?? 88);

const columns = [
  ['kill', ({ round }) => round],
  ['in flight', ({ inFlight }) => inFlight],
  ['attempts so far', ({ attempts }) => attempts],
  ['settled', ({ settled }) => settled],
  ['unknown', ({ unknown }) => unknown],
  ['charges', ({ charges }) => charges],
  ['journalled, never arrived', ({ neverArrived }) => neverArrived],
  ['delivered, unsettled', ({ deliveredUnsettled }) => deliveredUnsettled],
  ['mismatches', ({ mismatches }) => mismatches.length],
] as const satisfies readonly (readonly [string, (round: KillRound) => number])[];

console.log(`kill -9 under ${streams} streams, ${rounds} times over one ledger (SEED=${seed})\n`);
console.log(`| ${columns.map(([name]) => name).join(' | ')} |`);
console.log(`|${columns.map(() => '--:|').join('')}`);
let mismatches = 0;
await killRounds({
  rounds,
  streams,
  random: seededRandom(seed),
  onRound: (round) => {
    console.log(`| ${columns.map(([, read]) => read(round)).join(' | ')} |`);
    mismatches += round.mismatches.length;
    for (const mismatch of round.mismatches.slice(0, 5)) console.log(mismatch);
  },
});
console.log(mismatches === 0 ? '\nthe ledger equals the upstream’s own account after every kill' : `\n${mismatches} mismatches`);
process.exitCode = mismatches === 0 ? 0 : 1;
