import { setTimeout as delay } from 'node:timers/promises';
import { startCountingUpstream } from './counting-upstream.ts';
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
}

export interface KillOptions {
  readonly rounds: number;
  readonly streams: number;
  readonly random: Random;
  readonly onRound: (round: KillRound) => void;
}

/**
 * Kills the product with SIGKILL while so many streams run, starts it anew over the same ledger, and compares the
 * ledger with what the upstream says that it was asked. Round after round over the same ledger.
 */
export async function killRounds({ rounds, streams, random, onRound }: KillOptions): Promise<void> {
  const upstream = await startCountingUpstream((number) => 5 + (number % 13));
  const config = writeConfig(upstream.origin, { eventLoopLagMs: 60_000 });
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
      product = await start();
      while (upstream.running() > 0) await delay(20);
      const reconciled = reconcileLedger(config.ledgerDirectory, upstream.calls, delivered);
      onRound({ round, inFlight, killedAfterMs, ...reconciled });
    }
  } finally {
    await product.stop();
    await upstream.stop();
    config.remove();
  }
}
