import { askGateway, ttftMs } from './ask-gateway.ts';
import { percentile, spread } from './percentile.ts';
import { prompts } from './prompts.ts';
import type { Finding } from './finding.ts';
import type { VerifiedFleet } from './verified-fleet.ts';

export interface Pair {
  readonly from: string;
  readonly to: string;
}

/** One loss: how long the client waited from it to the next text, and what the target takes for its first text anyway. */
interface Loss {
  readonly waitedMs: number;
  readonly targetTtftMs: number;
}

const maxTokens = 60;
/** What the gateway may add to the detection and the target's own time to its first token (issue 4). */
const allowedMs = { before: 50, middle: 100 } as const;
const passedInMiddle = 6;

/** Loses the answering engine before its first token and in mid-answer, and times what that costs. */
export async function checkFailover(fleet: VerifiedFleet, pairs: readonly Pair[], losses: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const pair of pairs) {
    for (const when of ['before', 'middle'] as const) {
      const seen: Loss[] = [];
      for (let n = 0; n < losses; n += 1) seen.push(...(await loseOnce(fleet, pair, when, n)));
      findings.push(judge(pair, when, seen, losses));
      console.log(`  ${findings.at(-1)?.subject}: ${findings.at(-1)?.what}`);
    }
  }
  return findings;
}

async function loseOnce(fleet: VerifiedFleet, { from, to }: Pair, when: 'before' | 'middle', n: number): Promise<Loss[]> {
  const prompt = prompts[n % prompts.length] ?? '';
  await fleet.forgive();
  // Paired: the target's own time is taken just before, on a machine that is as busy.
  const alone = await askGateway(fleet.product.url, { prompt, maxTokens, endpoints: [to] });
  const { proxy } = fleet.member(from);
  const cut = proxy.cutAfter(when === 'before' ? 0 : 1 + passedInMiddle, n % 2 === 0 ? 'fin' : 'rst');
  const answer = await askGateway(fleet.product.url, { prompt, maxTokens, endpoints: [from, to] });
  proxy.disarm();
  if (!answer.done || answer.segments.at(-1)?.endpoint !== to) return [];
  const cutAtMs = await cut;
  // What passed before the loss may reach the client after it.
  const passed = when === 'before' ? 0 : passedInMiddle;
  const next = answer.arrivals.find(({ pieces }) => pieces > passed);
  return next === undefined ? [] : [{ waitedMs: next.atMs - cutAtMs, targetTtftMs: ttftMs(alone) }];
}

function judge({ from, to }: Pair, when: 'before' | 'middle', seen: readonly Loss[], losses: number): Finding {
  const added = seen.map(({ waitedMs, targetTtftMs }) => waitedMs - targetTtftMs);
  const subject = `${from} → ${to}, ${when === 'before' ? 'before the first token' : 'in mid-answer'}`;
  const kept = seen.length === losses && percentile(added, 0.99) <= allowedMs[when];
  return {
    check: 'failover',
    subject,
    result: kept ? 'held' : 'missed',
    what:
      `${seen.length} of ${losses} served; from the loss to the next text: ${spread(seen.map(({ waitedMs }) => waitedMs))}; ` +
      `${to} alone to its first text: ${spread(seen.map(({ targetTtftMs }) => targetTtftMs))}; ` +
      `added: ${spread(added)} (allowed ${allowedMs[when]} ms at p99)`,
  };
}
