import { editChunk } from '../protocol/edit-chunk.ts';
import { guessOutputTokens } from './guess-output-tokens.ts';
import { frameEvent, writeChunk, writeUsageChunk } from '../protocol/write-chunk.ts';
import { provenanceOf, secondSourceJson, type AnswerSegment, type Provenance } from './provenance.ts';
import { ReleasedAnswer } from './released-answer.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { ClientStream, RelayRequest } from './relay-request.ts';
import type { Clock } from '../std/clock.ts';
import type { StreamedChunk, StreamEnd, StreamListener } from './stream-attempt.ts';
import type { TokenUsage } from '../ledger/ledger.ts';

const encoder = new TextEncoder();
const doneFrame = encoder.encode('data: [DONE]\n\n');
const heartbeatFrame = encoder.encode(': ka\n\n');
/** Chunks without content before the first content are few and small; an endpoint that sends more is wrong. */
const heldBytesLimit = 65_536;

/** The attempt that is writing now: its bytes are edited if it is the first, and rewritten if it continues. */
interface Writing {
  readonly attemptId: string;
  readonly candidate: Candidate;
  readonly continues: boolean;
  readonly provenance: () => Provenance;
  segment: AnswerSegment | undefined;
  held: Uint8Array[];
  heldBytes: number;
}

/**
 * Hands an answer to the client: nothing before the first content (the commit barrier, DESIGN §4.3), then every piece
 * as it comes, and the end only once it is proven. Keeps count of what was released.
 */
export class StreamRelease {
  readonly answer: ReleasedAnswer;
  committed = false;
  readonly #request: RelayRequest;
  readonly #client: ClientStream;
  readonly #clock: Clock;
  #writing: Writing | undefined;
  #firstDispatchMs: number | undefined;
  #upstreamUsage: TokenUsage | undefined;
  #lastWriteMs: number;

  constructor(request: RelayRequest, client: ClientStream, clock: Clock) {
    this.answer = new ReleasedAnswer(request);
    this.#request = request;
    this.#client = client;
    this.#clock = clock;
    this.#lastWriteMs = clock.nowMs();
  }

  /** Tells a waiting client that the line is alive, which commits the head (state S2k). Returns how to stop it. */
  keepAlive(heartbeatMs: number): () => void {
    let cancel = (): void => {};
    const beat = (): void => {
      const idleMs = this.#clock.nowMs() - this.#lastWriteMs;
      if (idleMs >= heartbeatMs && this.#writing !== undefined) {
        this.#commit(this.#writing.provenance());
        this.#write(heartbeatFrame);
      }
      cancel = this.#clock.after(idleMs >= heartbeatMs ? heartbeatMs : heartbeatMs - idleMs, beat);
    };
    cancel = this.#clock.after(heartbeatMs, beat);
    return () => cancel();
  }

  /** Prepares for one attempt's chunks; `startedMs` is when it is dispatched. */
  listen(attemptId: string, candidate: Candidate, attempts: number, startedMs: number): StreamListener {
    this.#firstDispatchMs ??= startedMs;
    const provenance = (): Provenance => provenanceOf(candidate, attempts, this.#overheadMs(), this.#clock.nowMs() - startedMs);
    const writing: Writing = { attemptId, candidate, continues: this.answer.begun, provenance, segment: undefined, held: [], heldBytes: 0 };
    this.#writing = writing;
    return {
      onIdle: (chunk) => this.#onIdle(writing, chunk),
      onContent: (chunk) => this.#onContent(writing, chunk),
    };
  }

  #onIdle(writing: Writing, chunk: StreamedChunk): void {
    if (writing.continues) return;
    this.answer.learn(chunk.facts);
    const frame = this.#edited(writing, chunk, undefined);
    if (writing.segment !== undefined) {
      this.#write(frame);
      return;
    }
    writing.heldBytes += frame.length;
    if (writing.heldBytes <= heldBytesLimit) writing.held.push(frame);
  }

  #onContent(writing: Writing, chunk: StreamedChunk): boolean {
    const segment = this.#begin(writing, chunk);
    this.answer.release(segment, chunk.facts, this.#clock.nowMs());
    if (!writing.continues) return this.#write(this.#edited(writing, chunk, undefined));
    return this.#write(frameEvent(this.#rewritten(chunk)));
  }

  /** Opens the attempt's segment with its first content, and with it the response. */
  #begin(writing: Writing, chunk: StreamedChunk): AnswerSegment {
    if (writing.segment !== undefined) return writing.segment;
    if (!writing.continues) this.answer.learn(chunk.facts);
    writing.segment = this.answer.openSegment(writing.attemptId, writing.candidate, this.#clock.nowMs());
    this.#commit(writing.provenance());
    for (const frame of writing.held) this.#write(frame);
    writing.held = [];
    return writing.segment;
  }

  /** Releases the held end, with who made what and, if asked for, what it cost in tokens. */
  complete(end: Extract<StreamEnd, { kind: 'complete' }>, attempts: number): void {
    const writing = this.#writing;
    if (writing === undefined) return;
    const { finish, usage } = end;
    const segment = this.#begin(writing, finish);
    if (finish.facts.contentful) this.answer.release(segment, finish.facts, this.#clock.nowMs());
    const reported = usage?.facts.usage ?? finish.facts.usage;
    if (reported !== undefined) {
      segment.outputTokens = reported.outputTokens;
      if (this.answer.segments.length === 1) this.#upstreamUsage = { ...reported, source: 'upstream' };
    }
    const secondSource = this.#secondSource(attempts);
    const { wantsUsage } = this.#request;
    const endsWithFinish = !wantsUsage || (finish.facts.usage !== undefined && !writing.continues);
    const inFinish = endsWithFinish ? secondSource : undefined;
    if (writing.continues) this.#write(frameEvent(withSecondSource(this.#rewritten(finish), inFinish)));
    else this.#write(this.#edited(writing, finish, inFinish));
    if (!endsWithFinish) this.#writeUsage(writing, usage, secondSource);
    this.#write(doneFrame);
  }

  /** Ends an answer whose last token was released but whose endpoint was lost before it could say so. */
  completeAtLimit(attempts: number): void {
    const identity = this.answer.identity(this.#clock.wallMs());
    const secondSource = this.#secondSource(attempts);
    const { wantsUsage } = this.#request;
    const finish = writeChunk(identity, { text: '', finishReason: 'length', tokenIds: undefined });
    this.#write(frameEvent(withSecondSource(finish, wantsUsage ? undefined : secondSource)));
    if (wantsUsage) this.#write(frameEvent(withSecondSource(writeUsageChunk(identity, this.usage()), secondSource)));
    this.#write(doneFrame);
  }

  #writeUsage(writing: Writing, usage: StreamedChunk | undefined, secondSource: string | undefined): void {
    if (usage !== undefined && !writing.continues) {
      this.#write(this.#edited(writing, usage, secondSource));
      return;
    }
    const chunk = writeUsageChunk(this.answer.identity(this.#clock.wallMs()), this.usage());
    this.#write(frameEvent(withSecondSource(chunk, secondSource)));
  }

  /** Usage of the whole answer: the prompt once, every segment's tokens. */
  usage(): TokenUsage {
    if (this.#upstreamUsage !== undefined) return this.#upstreamUsage;
    const outputTokens = this.answer.segments.reduce((sum, segment) => sum + segment.outputTokens, 0);
    if (this.answer.idsComplete)
      return { inputTokens: this.answer.promptTokenIds?.length ?? 0, cachedInputTokens: 0, outputTokens, source: 'counted' };
    const characters = this.answer.segments.reduce((sum, segment) => sum + segment.characters, 0);
    return {
      inputTokens: this.answer.begun ? this.#request.estimatedInputTokens : 0,
      cachedInputTokens: 0,
      outputTokens: Math.max(outputTokens, guessOutputTokens(characters)),
      source: 'reserve',
    };
  }

  /** What one attempt used, or undefined where it brought nothing. */
  attemptUsage(attemptId: string, end: StreamEnd): TokenUsage | undefined {
    const reported = end.kind === 'complete' ? (end.usage?.facts.usage ?? end.finish.facts.usage) : undefined;
    if (reported !== undefined) return { ...reported, source: 'upstream' };
    const index = this.answer.segments.findIndex((segment) => segment.attemptId === attemptId);
    const segment = this.answer.segments[index];
    if (segment === undefined) return undefined;
    const before = this.answer.segments.slice(0, index).reduce((sum, { outputTokens }) => sum + outputTokens, 0);
    const { promptTokenIds, idsComplete } = this.answer;
    if (idsComplete && promptTokenIds !== undefined) {
      return { inputTokens: promptTokenIds.length + before, cachedInputTokens: 0, outputTokens: segment.outputTokens, source: 'counted' };
    }
    return {
      inputTokens: this.#request.estimatedInputTokens,
      cachedInputTokens: 0,
      outputTokens: Math.max(segment.outputTokens, guessOutputTokens(segment.characters)),
      source: 'reserve',
    };
  }

  #secondSource(attempts: number): string | undefined {
    if (this.#request.hidesSecondSource === true) return undefined;
    return secondSourceJson(this.#request.requestId, attempts, this.#overheadMs(), this.answer.segments);
  }

  #overheadMs(): number {
    return (this.#firstDispatchMs ?? this.#clock.nowMs()) - this.#request.receivedAtMs;
  }

  #commit(provenance: Provenance): void {
    if (this.committed) return;
    this.committed = true;
    this.#client.commit(provenance);
  }

  #write(bytes: Uint8Array): boolean {
    this.#lastWriteMs = this.#clock.nowMs();
    return this.#client.write(bytes);
  }

  /** The endpoint's own event, changed only where it must be; where nothing must, its bytes as they came. */
  #edited(writing: Writing, chunk: StreamedChunk, secondSource: string | undefined): Uint8Array {
    const { deployment } = writing.candidate;
    const edit = {
      model: deployment.upstreamModel === this.#request.model ? undefined : this.#request.model,
      dropTokenIds:
        !this.#request.wantsTokenIds &&
        (chunk.facts.tokenIds !== undefined || chunk.facts.promptTokenIds !== undefined || chunk.facts.seed !== undefined),
      dropUsage: !this.#request.wantsUsage && chunk.facts.usage !== undefined,
      secondSource,
    };
    if (edit.model === undefined && !edit.dropTokenIds && !edit.dropUsage && secondSource === undefined) return chunk.event.raw;
    return frameEvent(editChunk(chunk.event.dataBytes, edit));
  }

  /** A chunk of the first endpoint's form around what another endpoint's raw completion said. */
  #rewritten({ facts }: StreamedChunk): Uint8Array {
    return writeChunk(this.answer.identity(this.#clock.wallMs()), {
      text: facts.text,
      finishReason: facts.finishReason ?? null,
      tokenIds: this.#request.wantsTokenIds ? facts.tokenIds : undefined,
    });
  }
}

function withSecondSource(json: Uint8Array, secondSource: string | undefined): Uint8Array {
  return secondSource === undefined ? json : editChunk(json, { model: undefined, dropTokenIds: false, dropUsage: false, secondSource });
}
