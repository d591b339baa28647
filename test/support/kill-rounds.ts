import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { startCountingUpstream, vendorLog } from './counting-upstream.ts';
import { postRaw } from './read-answer.ts';
import { reconcileLedger, type Reconciliation } from './reconcile-ledger.ts';
import { startProduct, type Product } from './start-product.ts';
import { writeConfig } from './write-config.ts';
import type { Random } from '../../src/std/random.ts';

const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });

export interface KillRound extends Reconciliation {
  readonly round: number;
  /** Calls that the upstream was answering when the process was killed. */
  readonly inFlight: number;
  readonly killedAfterMs: number;
  /** From the start of the next process until the ledger had been compared, and settled by the vendor's log. */
  readonly reconciledAfterMs: number;
  /** Attempts that were left unknown though the vendor's log names them, and what it says otherwise than the ledger. */
  readonly unlike: number;
}

/** How the ledger brings its records to disk: see `ledger.fsync` and `ledger.memory` in docs/configuration.md. */
export interface LedgerPolicy {
  readonly fsync: 'always' | 'interval' | 'never';
  readonly memory?: string;
}

export interface KillOptions {
  readonly rounds: number;
  readonly streams: number;
  readonly random: Random;
  readonly policy: LedgerPolicy;
  readonly onRound: (round: KillRound) => void;
}

const reportSchema = z.object({
  matches: z.boolean(),
  sums: z.array(z.object({ verdict: z.string() })),
  requests: z.object({ settled: z.number(), differing: z.number(), missing: z.number() }),
});

/**
 * Kills the product with SIGKILL while so many streams run, starts it anew over the same ledger, and compares the
 * ledger with what the upstream says that it was asked, then by the product's own `reconcile` with the upstream's log.
 * Round after round over the same ledger.
 */
export async function killRounds({ rounds, streams, random, policy, onRound }: KillOptions): Promise<void> {
  const upstream = await startCountingUpstream((number) => 5 + (number % 13));
  const config = writeConfig(upstream.origin, { eventLoopLagMs: 60_000 }, {}, policy);
  const start = (): Promise<Product> => startProduct(['up', '--config', config.path, '--port', '0']);
  let product = await start();
  const delivered: string[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const before = upstream.calls.length;
      const lanes = Array.from({ length: streams }, async () => {
        // Until the process is gone: each lane asks again as soon as it was answered.
        for (;;) {
          const answer = await postRaw(`${product.url}/v1/chat/completions`, body).catch(() => undefined);
          if (answer?.ended !== 'proper' || answer.status !== 200) return;
          delivered.push(String(answer.headers['x-request-id']));
        }
      });
      // Some answers have ended by then and been charged, and others run: both must be told apart afterwards.
      while (upstream.calls.length < before + 1.2 * streams) await delay(20);
      const killedAfterMs = Math.round(random() * 500);
      await delay(killedAfterMs);
      while (upstream.running() < 0.8 * streams) await delay(5);
      const inFlight = upstream.running();
      const killed = product;
      killed.signal('SIGKILL');
      await killed.ended;
      await Promise.all(lanes);
      await killed.stop();
      while (upstream.running() > 0) await delay(20);
      const restartedAtMs = performance.now();
      product = await start();
      const reconciled = reconcileLedger(config.ledgerDirectory, upstream.calls, delivered);
      const log = vendorLog(upstream.calls);
      await reconcileBy(product, log);
      const reconciledAfterMs = Math.round(performance.now() - restartedAtMs);
      // The first comparison settled what was unknown; the second must find nothing left to say.
      const report = await reconcileBy(product, log);
      const settled = reconcileLedger(config.ledgerDirectory, upstream.calls, delivered);
      // What was journalled and never sent has no line in the log; all others are known to the token now.
      const unlike =
        report.requests.differing +
        report.requests.missing +
        Math.abs(settled.unknown - settled.neverArrived) +
        report.requests.settled +
        Number(!report.matches);
      const mismatches = [...reconciled.mismatches, ...settled.mismatches];
      onRound({ round, inFlight, killedAfterMs, reconciledAfterMs, unlike, ...reconciled, mismatches });
    }
  } finally {
    await product.stop();
    await upstream.stop();
    config.remove();
  }
}

/** A comparison by the product itself, which settles what was unknown. */
async function reconcileBy({ controlUrl }: Product, log: string): Promise<z.infer<typeof reportSchema>> {
  const query = new URLSearchParams({ format: 'generic', settle: 'true' });
  for (const column of ['time=day', 'model=model', 'request=request', 'input=input', 'output=output']) query.append('column', column);
  const headers = { 'x-second-source-control': '1', 'content-type': 'text/csv' };
  const answer = await fetch(`${controlUrl}/control/v1/ledger/reconcile?${query.toString()}`, { method: 'POST', headers, body: log });
  return reportSchema.parse(await answer.json());
}
