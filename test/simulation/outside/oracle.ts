import { countedText, toolArguments } from './counted-answer.ts';
import { secretWords } from './connection-faults.ts';
import type { ClientRecord } from './counting-client.ts';
import { readResponse, type ClientView } from './read-response.ts';

/** An engine's own account of one call. */
export interface BilledCall {
  readonly endpointId: string;
  /** What went wrong with it. */
  readonly fault: string;
  readonly request: number;
  readonly promptTokens: number;
  readonly computed: number;
  readonly startedAtMs: number;
  readonly abortedAtMs: number | undefined;
  readonly overAtMs: number | undefined;
}

/** What the ledger says of one attempt. */
export interface LedgerAttempt {
  readonly request: number;
  readonly endpointId: string;
  /** When it could be dispatched. */
  readonly writtenAtMs: number | undefined;
  readonly closes: readonly {
    readonly state: 'S' | 'V' | 'U';
    readonly outputTokens: number | undefined;
    readonly inputTokens: number | undefined;
    readonly source: 'upstream' | 'counted' | 'reserve' | undefined;
    readonly costUsd: number | undefined;
  }[];
}

export interface LedgerCharge {
  readonly request: number;
  /** The gateway's own name for one run of it. */
  readonly requestId: string;
  readonly outcome: string;
  readonly outputTokens: number;
  readonly source: 'upstream' | 'counted' | 'reserve';
  readonly chargeUsd: number | undefined;
}

/** USD per million tokens, as the engine's operator bills them. */
export interface BilledPrice {
  readonly input: number;
  readonly output: number;
}

export type Verdict = 'complete' | 'honest error' | 'refused' | 'left' | 'stalled';

/** What a client may say of its answer, and everything that is wrong with it. */
export function judgeAnswer(
  record: ClientRecord,
  tokens = (total: number): number => total,
): { readonly view: ClientView; readonly verdict: Verdict; readonly wrong: readonly string[] } {
  const view = readResponse(record);
  const wrong: string[] = [];
  const claim = (holds: boolean, what: string): void => void (holds || wrong.push(what));
  const { plan } = record;
  const bytes = Buffer.concat(record.parts).toString('latin1');
  for (const word of secretWords) claim(!bytes.includes(word), `the client read ${word}`);
  const left = record.leftAtMs !== undefined;
  claim(left || view.broken === undefined, `the client read ${view.broken}`);
  const released = releasedTokens(view, record);
  claim(released >= 0, `the text ${view.text}${view.toolArguments} does not count from 1`);
  if (left) return { view, verdict: 'left', wrong };
  if (view.status !== 200) {
    judgeRefusal(view, record, claim);
    return { view, verdict: 'refused', wrong };
  }
  // Who reads nothing for too long is cut off, and can see that by the framing.
  const stalled = plan.rests !== undefined && record.over === 'reset' && !view.framed && view.errorCode === undefined;
  if (stalled && !view.done) return { view, verdict: 'stalled', wrong };
  if (view.done || !plan.stream) {
    judgeCompletion(view, record, released, tokens(record.plan.total), claim);
    return { view, verdict: 'complete', wrong };
  }
  claim(view.errorCode !== undefined, 'the answer broke off without an error event');
  claim(record.over === 'reset' && !view.framed, `the broken answer ended as ${record.over}, ${view.framed ? 'framed' : 'not framed'}`);
  claim(view.finishReasons.length === 0, 'a broken answer has a finish reason');
  return { view, verdict: 'honest error', wrong };
}

function judgeRefusal(view: ClientView, record: ClientRecord, claim: (holds: boolean, what: string) => void): void {
  claim(view.errorCode !== undefined, `status ${view.status} without an error`);
  claim(view.headers.has('x-should-retry'), `status ${view.status} without x-should-retry`);
  claim(view.headers.get('x-should-retry') !== 'true' || view.headers.has('retry-after'), `status ${view.status} to be retried, and no time for it`);
  claim(view.text === '' && view.toolArguments === '', 'a refusal with content');
  const overloaded = view.errorCode === 'overloaded';
  claim(overloaded || (view.status === 401) === record.plan.key.startsWith('ss-nobody'), `status ${view.status} for the key ${record.plan.key}`);
  claim(record.over === 'end', `a refusal ended as ${record.over}`);
}

function judgeCompletion(
  view: ClientView,
  record: ClientRecord,
  released: number,
  total: number,
  claim: (holds: boolean, what: string) => void,
): void {
  const { plan } = record;
  const expected = plan.form === 'tool' ? total : Math.min(total, plan.maxTokens ?? Infinity);
  claim(released === expected, `${released} of ${expected} tokens in a complete ${plan.form}`);
  claim(record.over === 'end' && view.framed, `a complete answer ended as ${record.over}, ${view.framed ? 'framed' : 'not framed'}`);
  claim(view.errorCode === undefined, `a complete answer has the error ${view.errorCode}`);
  claim(view.finishReasons.length === 1, `the finish reasons are ${view.finishReasons.join()}`);
  claim(view.models.length === 1 && view.models[0] === plan.model, `the models are ${view.models.join()}`);
  claim(view.ids.length === 1, `the ids are ${view.ids.join()}`);
  claim(view.segments.length > 0, 'a complete answer does not say who made it');
  if (!plan.stream) return;
  claim(plan.wantsUsage ? view.usageChunks > 0 : view.usageChunks === 0, `${view.usageChunks} chunks of usage`);
}

/** How many tokens the client holds, in order from 1; -1 where they are anything else. */
function releasedTokens(view: ClientView, { plan }: ClientRecord): number {
  if (plan.form === 'tool') {
    const all = toolArguments(plan.request, plan.total);
    if (!all.startsWith(view.toolArguments) || view.text !== '') return -1;
    return view.toolArguments.split('<').length - 1;
  }
  const count = view.text.split('<').length - 1;
  return view.text === countedText(plan.request, 1, count) ? count : -1;
}

/** Compares the ledger's attempts with the engines' own bills; every difference is one line. */
export function compareWithBills(
  attempts: readonly LedgerAttempt[],
  calls: readonly BilledCall[],
  priceOf: (endpointId: string) => BilledPrice,
): readonly string[] {
  const wrong: string[] = [];
  const waiting = new Map<string, LedgerAttempt[]>();
  const keyOf = ({ request, endpointId }: { readonly request: number; readonly endpointId: string }): string => `${request}@${endpointId}`;
  for (const attempt of attempts) waiting.set(keyOf(attempt), [...(waiting.get(keyOf(attempt)) ?? []), attempt]);
  const billed = new Map<LedgerAttempt, BilledCall>();
  for (const call of calls) {
    // An attempt is dispatched in the moment in which its row was written, or never.
    const known = waiting.get(keyOf(call)) ?? [];
    const attempt = known.find((row) => row.writtenAtMs === call.startedAtMs && !billed.has(row));
    if (attempt === undefined) wrong.push(`request ${call.request}: a call to ${call.endpointId} that the ledger does not know`);
    else billed.set(attempt, call);
  }
  for (const attempt of attempts) {
    const call = billed.get(attempt);
    const why = differenceOf(attempt, call, priceOf(attempt.endpointId));
    if (why !== undefined) wrong.push(`request ${attempt.request} on ${attempt.endpointId} (${call?.fault ?? 'no call'}): ${why}`);
  }
  return wrong;
}

/**
 * What the ledger can know: a settled attempt with usage from upstream equals the bill; one that was counted has no
 * more than was computed; an unknown one claims nothing; a void one was not computed at all.
 */
function differenceOf(attempt: LedgerAttempt, call: BilledCall | undefined, price: BilledPrice): string | undefined {
  const [close] = attempt.closes;
  if (close === undefined || attempt.closes.length > 1) return `closed ${attempt.closes.length} times`;
  const computed = call?.computed ?? 0;
  if (close.state === 'V') return computed === 0 ? undefined : `void, though ${computed} tokens were computed`;
  if (call === undefined) return `${close.state}, though it was never dispatched`;
  if (close.state === 'U') return close.outputTokens === undefined ? undefined : 'unknown, and yet counted';
  if (close.source === 'upstream') return differenceFromBill(close, call, price);
  if (close.source === 'counted') return (close.outputTokens ?? 0) <= computed ? undefined : `counted ${close.outputTokens} of ${computed} tokens`;
  return (close.outputTokens ?? 0) > 0 || computed === 0 ? undefined : 'a reserve of 0, though tokens were computed';
}

function differenceFromBill(close: LedgerAttempt['closes'][number], call: BilledCall, price: BilledPrice): string | undefined {
  const { inputTokens = -1, outputTokens = -1 } = close;
  // Of an endpoint that was told to stop, the last usage that it told stands; it may have computed on until it heard.
  const isRight = call.abortedAtMs === undefined ? outputTokens === call.computed : outputTokens <= call.computed;
  if (!isRight || inputTokens !== call.promptTokens)
    return `settled as ${inputTokens} + ${outputTokens} tokens, billed as ${call.promptTokens} + ${call.computed}`;
  const costUsd = (inputTokens * price.input + outputTokens * price.output) / 1e6;
  return Math.abs((close.costUsd ?? -1) - costUsd) < 1e-12 ? undefined : `costs ${close.costUsd}, billed as ${costUsd}`;
}
