import { askGateway, segmentAtMs, ttftMs } from './ask-gateway.ts';
import { percentile, spread } from './percentile.ts';
import { prompts } from './prompts.ts';
import type { Finding } from './finding.ts';
import type { VerifiedFleet } from './verified-fleet.ts';

export interface Pair {
  readonly from: string;
  readonly to: string;
}

/** How the answering engine is lost: its connection before the first byte, or in mid-answer, or its process. */
type Manner = 'before' | 'middle' | 'killed';

/** One loss: how long the client waited from it to the next text, and what the target takes for its first text anyway. */
interface Loss {
  readonly waitedMs: number;
  readonly targetTtftMs: number;
}

const maxTokens = 60;
const passedInMiddle = 6;
/** What the gateway may add to the detection and the target's own time to its first token (issue 4). */
const allowedMs: Readonly<Record<Manner, number>> = { before: 50, middle: 100, killed: 100 };
const told: Readonly<Record<Manner, string>> = { before: 'before the first token', middle: 'in mid-answer', killed: 'kill -9 in mid-answer' };

/** Loses the answering engine before its first token and in mid-answer, and times what that costs. */
export async function checkFailover(fleet: VerifiedFleet, pairs: readonly Pair[], losses: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const say = (finding: Finding): void => {
    findings.push(finding);
    console.log(`  ${finding.subject}: ${finding.what}`);
  };
  for (const pair of pairs) {
    say(await lose(fleet, pair, 'before', losses));
    say(await lose(fleet, pair, 'middle', losses));
    // The others take more than a minute to start again, or are killed elsewhere (test/real, the chain).
    if (pair.from === 'llama-server') say(await lose(fleet, pair, 'killed', Math.ceil(losses / 5)));
  }
  return findings;
}

async function lose(fleet: VerifiedFleet, pair: Pair, manner: Manner, losses: number): Promise<Finding> {
  const seen: Loss[] = [];
  for (let n = 0; n < losses; n += 1) {
    await fleet.forgive();
    const loss = await loseOnce(fleet, pair, manner, n);
    if (loss !== undefined) seen.push(loss);
  }
  return judge(pair, manner, seen, losses);
}

async function loseOnce(fleet: VerifiedFleet, { from, to }: Pair, manner: Manner, n: number): Promise<Loss | undefined> {
  const { url } = fleet.product;
  const prompt = prompts[n % prompts.length] ?? '';
  const { engine, proxy } = fleet.member(from);
  // Paired: the target's own time is taken just before, on a machine that is as busy.
  const alone = await askGateway(url, { prompt, maxTokens, endpoints: [to] });
  let lostAtMs: number | undefined;
  if (manner !== 'killed') {
    const cut = proxy.cutAfter(manner === 'before' ? 0 : 1 + passedInMiddle, n % 2 === 0 ? 'fin' : 'rst');
    void cut.then((atMs) => (lostAtMs = atMs));
  }
  const answer = await askGateway(url, { prompt, maxTokens, endpoints: [from, to] }, (pieces) => {
    if (manner !== 'killed' || lostAtMs !== undefined || pieces < passedInMiddle) return;
    lostAtMs = performance.now();
    engine.kill();
  });
  proxy.disarm();
  if (manner === 'killed') await engine.start();
  const segment = manner === 'before' ? 0 : 1;
  const nextAtMs = segmentAtMs(answer, segment);
  if (!answer.done || answer.segments[segment]?.endpoint !== to || nextAtMs === undefined || lostAtMs === undefined) return undefined;
  return { waitedMs: nextAtMs - lostAtMs, targetTtftMs: ttftMs(alone) };
}

function judge({ from, to }: Pair, manner: Manner, seen: readonly Loss[], losses: number): Finding {
  const added = seen.map(({ waitedMs, targetTtftMs }) => waitedMs - targetTtftMs);
  const kept = seen.length === losses && percentile(added, 0.99) <= allowedMs[manner];
  const times =
    `from the loss to the next text ${spread(seen.map(({ waitedMs }) => waitedMs))}; ${to} alone to its first text ` +
    `${spread(seen.map(({ targetTtftMs }) => targetTtftMs))}; added ${spread(added)}, allowed ${allowedMs[manner]} ms at p99`;
  return {
    check: 'failover',
    subject: `${from} → ${to}, ${told[manner]}`,
    result: kept ? 'held' : 'missed',
    what: `${seen.length} of ${losses} went on${seen.length === 0 ? '' : `; ${times}`}`,
  };
}
