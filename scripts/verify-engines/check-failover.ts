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

const shortAnswer = 60;
const passedInMiddle = 6;
/** A process takes a moment to die: its answer must not be whole by then. */
const longQuestion = { prompt: 'Count from 1 to 40.', maxTokens: 900 } as const;
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
  const asked = manner === 'killed' ? longQuestion : { prompt: prompts[n % prompts.length] ?? '', maxTokens: shortAnswer };
  const { engine, proxy } = fleet.member(from);
  // Paired: the target's own time is taken just before, on a machine that is as busy.
  const alone = await askGateway(url, { ...asked, endpoints: [to] });
  const cut = manner === 'killed' ? undefined : proxy.cutAfter(manner === 'before' ? 0 : 1 + passedInMiddle, n % 2 === 0 ? 'fin' : 'rst');
  let killed = false;
  const answer = await askGateway(url, { ...asked, endpoints: [from, to] }, (pieces) => {
    if (manner !== 'killed' || killed || pieces < passedInMiddle) return;
    killed = true;
    engine.kill();
  });
  proxy.disarm();
  // A process is lost when its connection breaks: that nobody could have detected sooner.
  const killedAtMs = proxy.brokenAtMs;
  if (manner === 'killed') await engine.start();
  const segment = manner === 'before' ? 0 : 1;
  const nextAtMs = segmentAtMs(answer, segment);
  if (!answer.done || answer.segments[segment]?.endpoint !== to || nextAtMs === undefined) return undefined;
  return { waitedMs: nextAtMs - ((await cut) ?? killedAtMs), targetTtftMs: ttftMs(alone) };
}

function judge({ from, to }: Pair, manner: Manner, seen: readonly Loss[], losses: number): Finding {
  const waits = seen.map(({ waitedMs }) => waitedMs);
  const alone = seen.map(({ targetTtftMs }) => targetTtftMs);
  // The same quantile of both: of single pairs, a busy machine would show its own moods and not our share.
  const addedMs = percentile(waits, 0.99) - percentile(alone, 0.99);
  const kept = addedMs <= allowedMs[manner];
  // Where the target alone varies by more than what is allowed, others have the cores, and neither answer would be true.
  const noiseMs = percentile(alone, 0.99) - percentile(alone, 0.5);
  const result = seen.length < losses ? 'missed' : noiseMs > allowedMs[manner] ? 'unclear' : kept ? 'held' : 'missed';
  const times =
    `from the loss to the next text ${spread(waits)}; ${to} alone to its first text ${spread(alone)}; ` +
    `${addedMs.toFixed(1)} ms more at p99, allowed ${allowedMs[manner]}`;
  return {
    check: 'failover',
    subject: `${from} → ${to}, ${told[manner]}`,
    result,
    what: `${seen.length} of ${losses} went on${seen.length === 0 ? '' : `; ${times}`}`,
  };
}
