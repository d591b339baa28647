import { askGateway, type TimedAnswer } from './ask-gateway.ts';
import type { Finding } from './finding.ts';
import type { VerifiedFleet } from './verified-fleet.ts';

/** Long whatever the engine: the demo model counts well past where it should end. */
const prompt = 'Count from 1 to 40.';
const maxTokens = 400;
/** The engines in the order in which they answer, each with the number of pieces after which it is killed. */
const links = [
  { id: 'vllm', killedAfter: 25 },
  { id: 'llama-server', killedAfter: 70 },
  { id: 'ours', killedAfter: Number.POSITIVE_INFINITY },
] as const;

/** `kill -9` of vLLM's engine core in mid-answer, then of llama.cpp's server: the client must see one whole answer. */
export async function checkChain(fleet: VerifiedFleet): Promise<Finding[]> {
  const order = links.map(({ id }) => id);
  const uncut = await askGateway(fleet.product.url, { prompt, maxTokens, endpoints: ['vllm'] });
  const killed: string[] = [];
  const answer = await askGateway(fleet.product.url, { prompt, maxTokens, endpoints: order }, (pieces) => {
    const next = links[killed.length];
    if (next === undefined || pieces < next.killedAfter) return;
    killed.push(next.id);
    fleet.member(next.id).engine.kill();
  });
  await Promise.all(killed.map((id) => fleet.member(id).engine.start()));
  await fleet.forgive();
  return [judge(uncut, answer, order)];
}

function judge(uncut: TimedAnswer, answer: TimedAnswer, order: readonly string[]): Finding {
  const made = answer.segments.map(({ endpoint, output_tokens: tokens, gap_ms: gapMs }) => {
    const gap = gapMs === null ? '' : ` after ${gapMs.toFixed(0)} ms`;
    return `${endpoint} (${tokens ?? 'uncounted'} tokens${gap})`;
  });
  const whole = answer.done && answer.errorCode === undefined && answer.finishReasons.length === 1;
  const equal = answer.text === uncut.text;
  const complete = order.every((id, index) => answer.segments[index]?.endpoint === id);
  const end = whole ? 'one finish_reason and [DONE]' : `no proper end (${answer.errorCode ?? 'cut'})`;
  return {
    check: 'chain',
    subject: 'engine core of vLLM killed, then llama-server killed',
    result: whole && equal && complete ? 'held' : 'missed',
    what: `${made.join(' → ')}; ${end}; ${equal ? 'equal to' : 'DIFFERS from'} the uncut answer of ${uncut.pieces.length} pieces`,
  };
}
