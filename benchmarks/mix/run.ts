/**
 * How many answers of a stated mix survive the loss of their endpoint at a random place: `npm run benchmark:mix`.
 * Scripted endpoints over real sockets, one that breaks and one that goes on from the text; the second is real enough
 * to continue from where the released text ends. Prints eligible ÷ all by the published rules and completed ÷ eligible.
 */
import { answerKinds, pieces, rawAnswer, type AnswerKind } from './answer-kind.ts';
import { postRaw, viewStream } from '../../test/support/read-answer.ts';
import { seededRandom } from '../../src/std/random.ts';
import { startScriptedUpstream, type SeenRequest } from '../../test/support/scripted-upstream.ts';
import { startTestGateway } from '../../test/support/test-gateway.ts';

const requests = 400;
const seed = 4;

interface Counts {
  all: number;
  eligible: number;
  completed: number;
  /** Answers that ended neither whole nor with an error. */
  untold: number;
}

/** Where the released text ends, an endpoint that continues a message goes on. */
function firstPiece(kind: AnswerKind, request: SeenRequest): number {
  const last = JSON.parse(request.body).messages.at(-1);
  if (last.role !== 'assistant') return 1;
  let told = '';
  for (let n = 1; n <= pieces; n += 1) {
    if (told === last.content) return n;
    told += JSON.parse(kind.piece(n).slice(6)).choices[0].delta.content ?? '';
  }
  return pieces;
}

async function cutOnce(kind: AnswerKind, releasedPieces: number, holds: boolean, counts: Counts): Promise<void> {
  const lost = await startScriptedUpstream(() => ({ pieces: rawAnswer(kind, 1, Math.min(releasedPieces, pieces - 1)), end: 'rst' }));
  const other = await startScriptedUpstream((request) => ({ pieces: rawAnswer(kind, firstPiece(kind, request), pieces), end: 'keep' }));
  const gate = await startTestGateway(
    [
      { id: 'lost', origin: lost.origin, weights: 'w' },
      { id: 'other', origin: other.origin, weights: 'w', prefill: { form: 'continue-final-message', repeats: false } },
    ],
    { continuation: { hold: holds ? 'structured' : 'none' } },
  );
  try {
    const body = { model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }], ...kind.asked };
    const { text } = await postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify(body));
    const { done, errorCode } = viewStream(text);
    const eligible = kind.eligible(Math.min(releasedPieces, pieces - 1), holds);
    counts.all += 1;
    counts.eligible += eligible ? 1 : 0;
    counts.completed += eligible && done && isWhole(kind, text) ? 1 : 0;
    counts.untold += !done && errorCode === undefined ? 1 : 0;
  } finally {
    await gate.stop();
    await Promise.all([lost.stop(), other.stop()]);
  }
}

/** Whether the client holds every piece of the whole answer once and in order, whoever made it. */
function isWhole(kind: AnswerKind, raw: string): boolean {
  const expected = Array.from({ length: pieces }, (_, index) => saidBy(kind.piece(index + 1))).join('');
  return saidBy(raw) === expected;
}

function saidBy(raw: string): string {
  let said = '';
  for (const block of raw.split('\n\n')) {
    if (!block.startsWith('data: {')) continue;
    const delta = JSON.parse(block.slice(6)).choices?.[0]?.delta;
    said += (delta?.content ?? '') + (delta?.reasoning_content ?? '') + (delta?.tool_calls?.[0]?.function?.arguments ?? '');
  }
  return said;
}

function drawKind(random: () => number): AnswerKind {
  let left = random();
  for (const kind of answerKinds) {
    left -= kind.share;
    if (left < 0) return kind;
  }
  return answerKinds[0] ?? fail();
}

function fail(): never {
  throw new Error('the mix is empty');
}

const percent = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)} %`;

console.log(`${requests} requests a row, seed ${seed}; cut at a random place of ${pieces} pieces; scripted endpoints over real sockets`);
for (const holds of [false, true]) {
  const random = seededRandom(seed);
  const counts = new Map(answerKinds.map(({ name }) => [name, { all: 0, eligible: 0, completed: 0, untold: 0 }]));
  for (let request = 0; request < requests; request += 1) {
    const kind = drawKind(random);
    const of = counts.get(kind.name);
    if (of !== undefined) await cutOnce(kind, Math.floor(random() * pieces), holds, of);
  }
  console.log(`\ncontinuation.hold: ${holds ? 'structured' : 'none'}`);
  const total = { all: 0, eligible: 0, completed: 0, untold: 0 };
  for (const [name, of] of counts) {
    for (const key of ['all', 'eligible', 'completed', 'untold'] as const) total[key] += of[key];
    console.log(`  ${name.padEnd(12)} ${row(of)}`);
  }
  console.log(`  ${'all'.padEnd(12)} ${row(total)}`);
  if (total.untold > 0 || total.completed < 0.99 * total.eligible) process.exitCode = 3;
}

function row({ all, eligible, completed, untold }: Counts): string {
  return `eligible ${eligible} of ${all} (${percent(eligible, all)}), completed ${completed} of ${eligible} (${percent(completed, eligible)}), ended untold ${untold}`;
}
