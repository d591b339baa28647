import { askGateway, type TimedAnswer } from './ask-gateway.ts';
import type { Finding } from './finding.ts';
import type { VerifiedFleet } from './verified-fleet.ts';

/** Long whatever the engine: the demo model counts well past where it should end. */
const prompt = 'Count from 1 to 40.';
const maxTokens = 900;
/** The engines in the order in which they answer, each with the number of its own events after which it is killed. */
const links = [
  { id: 'vllm', killedAfter: 4 },
  { id: 'llama-server', killedAfter: 12 },
  { id: 'ours', killedAfter: Number.POSITIVE_INFINITY },
] as const;
/** On a busy machine an engine may have computed its answer to the end before its first piece is heard of. */
const tries = 3;

/** `kill -9` of vLLM's engine core in mid-answer, then of llama.cpp's server: the client must see one whole answer. */
export async function checkChain(fleet: VerifiedFleet): Promise<Finding[]> {
  const order = links.map(({ id }) => id);
  const uncut = await askGateway(fleet.product.url, { prompt, maxTokens, endpoints: ['vllm'] });
  let answer = await askAndKill(fleet, order);
  for (let more = tries - 1; more > 0 && answer.done && answer.segments.length < order.length; more -= 1) answer = await askAndKill(fleet, order);
  return [judge(uncut, answer, order)];
}

async function askAndKill(fleet: VerifiedFleet, order: readonly string[]): Promise<TimedAnswer> {
  const killed: string[] = [];
  const passedBefore = new Map(order.map((id) => [id, fleet.member(id).proxy.eventsPassed]));
  const answer = await askGateway(fleet.product.url, { prompt, maxTokens, endpoints: order }, () => {
    const next = links[killed.length];
    if (next === undefined) return;
    const { engine, proxy } = fleet.member(next.id);
    if (proxy.eventsPassed - (passedBefore.get(next.id) ?? 0) < next.killedAfter) return;
    killed.push(next.id);
    engine.kill();
  });
  await Promise.all(killed.map((id) => fleet.member(id).engine.start()));
  await fleet.forgive();
  return answer;
}

function judge(uncut: TimedAnswer, answer: TimedAnswer, order: readonly string[]): Finding {
  const made = answer.segments.map(({ endpoint, output_tokens: tokens, continued_by: by, gap_ms: gapMs }) => {
    const gap = gapMs === null ? '' : `, by ${by} after ${gapMs.toFixed(0)} ms`;
    return `${endpoint} (${tokens ?? 'uncounted'} tokens${gap})`;
  });
  const whole = answer.failure === undefined && answer.finishReasons.length === 1;
  const equal = answer.text === uncut.text;
  const complete = order.every((id, index) => answer.segments[index]?.endpoint === id);
  const end = whole
    ? `one finish_reason (${answer.finishReasons.join()}) and [DONE]`
    : `no proper end (${answer.failure ?? answer.finishReasons.join()})`;
  return {
    check: 'chain',
    subject: 'engine core of vLLM killed, then llama-server killed',
    result: whole && equal && complete ? 'held' : 'missed',
    what: `${made.join(' → ')}; ${end}; ${equal ? 'equal to' : 'DIFFERS from'} the uncut answer (${uncut.text.length} characters)`,
  };
}
