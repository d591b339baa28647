/**
 * Kills the gateway with SIGKILL fifty times while 500 streams run, under each policy of how the ledger reaches the disk.
 * Each time it is restarted over the same ledger, which is compared with the upstream's own account of what it was asked,
 * and then settled by the upstream's log through the gateway's own `reconcile`. Prints one row a kill; exits 1 where the
 * two ever differ, or where the comparison took longer than 10 s from the restart on. Everything runs on loopback; the
 * figures are of the machine that it runs on. Fewer: ROUNDS=5; only one policy: POLICY=always.
 */
import { killRounds, type KillRound, type LedgerPolicy } from '../test/support/kill-rounds.ts';
import { seededRandom } from '../src/std/random.ts';

const rounds = Number(process.env['ROUNDS'] ?? 50);
const streams = 500;
const seed = Number(process.env['SEED'] ?? 88);
const longestMs = 10_000;

const policies: Readonly<Record<string, LedgerPolicy>> = {
  never: { fsync: 'never' },
  'never, no memory': { fsync: 'never', memory: 'off' },
  interval: { fsync: 'interval' },
  always: { fsync: 'always' },
};

const columns = [
  ['kill', ({ round }) => round],
  ['in flight', ({ inFlight }) => inFlight],
  ['attempts so far', ({ attempts }) => attempts],
  ['settled', ({ settled }) => settled],
  ['of which by the vendor’s log', ({ byVendor }) => byVendor],
  ['unknown after the restart', ({ unknown }) => unknown],
  ['charges', ({ charges }) => charges],
  ['journalled, never arrived', ({ neverArrived }) => neverArrived],
  ['delivered, uncharged', ({ deliveredUnsettled }) => deliveredUnsettled],
  ['ms until reconciled', ({ reconciledAfterMs }) => reconciledAfterMs],
  ['mismatches', ({ mismatches, unlike }) => mismatches.length + unlike],
] as const satisfies readonly (readonly [string, (round: KillRound) => number])[];

let bad = 0;
for (const [name, policy] of Object.entries(policies)) {
  if (process.env['POLICY'] !== undefined && process.env['POLICY'] !== name) continue;
  console.log(`\nkill -9 under ${streams} streams, ${rounds} times over one ledger; fsync ${name} (SEED=${seed})\n`);
  console.log(`| ${columns.map(([title]) => title).join(' | ')} |`);
  console.log(`|${columns.map(() => '--:|').join('')}`);
  await killRounds({
    rounds,
    streams,
    policy,
    random: seededRandom(seed),
    onRound: (round) => {
      console.log(`| ${columns.map(([, read]) => read(round)).join(' | ')} |`);
      bad += round.mismatches.length + round.unlike + Number(round.reconciledAfterMs > longestMs);
      for (const mismatch of round.mismatches.slice(0, 5)) console.log(mismatch);
    },
  });
}
console.log(bad === 0 ? '\nthe ledger equals the upstream’s own account after every kill, within 10 s' : `\n${bad} mismatches or late comparisons`);
process.exitCode = bad === 0 ? 0 : 1;
