import type { NewPiece } from './continued-text.ts';
import { editChunk, editsNothing, type ChunkEdit } from '../protocol/edit-chunk.ts';
import { learnHead, ReleasedAnswer, type AnswerHead, type ReleasedPiece } from './released-answer.ts';
import { frameEvent, writeChunk, writeUsageChunk } from '../protocol/write-chunk.ts';
import { believedUsage } from './believed-usage.ts';
import { copyOfBytes } from '../std/byte-slab.ts';
import { plainEndBytes, plainEvent, plainStartBytes } from '../protocol/decode-sse.ts';
import { provenanceOf, secondSourceJson, segmentTokens, type AnswerSegment, type Provenance } from './provenance.ts';
import type { ClientStream, RelayRequest } from './relay-request.ts';
import type { Clock } from '../std/clock.ts';
import type { ChunkFacts } from '../protocol/read-chunk.ts';
import { TextFrame } from './text-frame.ts';
import { Writing, type Continuing } from './writing.ts';
import type { ContentVerdict, StreamedChunk, StreamListener, TextPiece } from './stream-listener.ts';
import type { StreamDone, StreamEnd } from './stream-attempt.ts';
import type { TokenUsage } from '../ledger/ledger.ts';
import type { Try } from './attempt-loop.ts';
import type { WireUsage } from '../protocol/read-usage.ts';

const encoder = new TextEncoder();
const doneFrame = encoder.encode('data: [DONE]\n\n');
const heartbeatFrame = encoder.encode(': ka\n\n');
/** Chunks without content before the first content are few and small; an endpoint that sends more is wrong. */
const idleBytesLimit = 65_536;

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
  readonly #holdBytes: number;
  /** Told once for each attempt that begins to write: any other that still runs has lost. */
  readonly #onBegan: (attemptId: string) => void;
  readonly #writings = new Map<string, Writing>();
  /** The attempt that may write, once there is one: what others say is late (fault 48). */
  #current: Writing | undefined;
  #firstDispatchMs: number | undefined;
  #upstreamUsage: TokenUsage | undefined;
  #lastWriteMs: number;

  constructor(request: RelayRequest, client: ClientStream, clock: Clock, holdBytes: number, onBegan: (attemptId: string) => void) {
    this.answer = new ReleasedAnswer(request);
    this.#request = request;
    this.#client = client;
    this.#clock = clock;
    this.#holdBytes = holdBytes;
    this.#onBegan = onBegan;
    this.#lastWriteMs = clock.nowMs();
  }

  /**
   * Tells a waiting client that the line is alive, which commits the head (state S2k), and calls `onBeat` about as often
   * in any case. Returns how to stop it.
   */
  keepAlive(heartbeatMs: number, onBeat: () => void): () => void {
    let cancel = (): void => {};
    const beat = (): void => {
      const idleMs = this.#clock.nowMs() - this.#lastWriteMs;
      const writing = this.#current ?? [...this.#writings.values()].at(-1);
      if (idleMs >= heartbeatMs && writing !== undefined) {
        this.#commit(writing.provenance());
        this.#write(heartbeatFrame);
      }
      onBeat();
      cancel = this.#clock.after(idleMs >= heartbeatMs ? heartbeatMs : heartbeatMs - idleMs, beat);
    };
    cancel = this.#clock.after(heartbeatMs, beat);
    return () => cancel();
  }

  /** Prepares for one attempt's chunks. */
  listen(tried: Try, continuing: Continuing | undefined): StreamListener {
    this.#firstDispatchMs ??= tried.startedMs;
    const provenance = (): Provenance => provenanceOf(tried.candidate, tried.ordinal, this.#overheadMs(), this.#clock.nowMs() - tried.startedMs);
    const writing = new Writing(this, tried, continuing, provenance);
    this.#writings.set(tried.attemptId, writing);
    if (continuing !== undefined) this.#current = writing;
    return writing;
  }

  #isLate(writing: Writing): boolean {
    return this.#current !== undefined && this.#current !== writing;
  }

  onIdle(writing: Writing, chunk: StreamedChunk): void {
    if (this.#isLate(writing)) return;
    learnHead(writing.head, chunk.facts);
    for (const id of chunk.facts.tokenIds ?? []) writing.waitingIds.push(id);
    if (writing.continuing !== undefined || writing.held !== undefined) return;
    if (writing.segment !== undefined) {
      this.#write(this.#edited(writing, chunk));
      return;
    }
    writing.idleBytes += chunk.event.raw.length;
    if (writing.idleBytes <= idleBytesLimit) writing.idle.push(chunk);
  }

  onContent(writing: Writing, chunk: StreamedChunk): ContentVerdict {
    if (this.#isLate(writing)) return 'taken';
    return this.#isHeld(writing, chunk) ? 'taken' : this.#releaseContent(writing, chunk);
  }

  /** What most chunks go through: nothing is held, continued or waited for, so the text goes out as it came. */
  onText(writing: Writing, piece: TextPiece, nowMs: number): ContentVerdict {
    const { segment } = writing;
    const flows = writing.flows || this.#mayFlow(writing);
    if (segment === undefined || !flows || this.#current !== writing) return this.#onOwnText(writing, piece);
    writing.flows = true;
    this.answer.releaseText(segment, piece.text, nowMs);
    this.#lastWriteMs = nowMs;
    return this.#frameFor(writing, piece).send(this.#client, piece) ? 'taken' : 'slow';
  }

  #mayFlow({ continuing, held, waitingIds }: Writing): boolean {
    return continuing === undefined && held === undefined && waitingIds.length === 0 && !this.#holdsText;
  }

  /** The same as any other content, in bytes that may be kept. */
  #onOwnText(writing: Writing, { text, template, bytes, start, end }: TextPiece): ContentVerdict {
    const own = copyOfBytes(bytes, start, end);
    const event = plainEvent(own, plainStartBytes, own.length - plainEndBytes);
    return writing.onContent({ facts: template.factsWith(text), event, template, toolRepairs: undefined });
  }

  /** Whether even plain text is held back until it is whole. */
  get #holdsText(): boolean {
    return this.#request.holdsStructured && this.#request.responseFormat !== 'text';
  }

  /** Holds back what a client can only use whole, once it begins and until it ends or is too much to hold. */
  #isHeld(writing: Writing, chunk: StreamedChunk): boolean {
    const { holdsStructured, responseFormat } = this.#request;
    if (!holdsStructured || writing.heldBytes > this.#holdBytes) return false;
    if (writing.held === undefined && responseFormat === 'text' && chunk.facts.toolDeltas.length === 0) return false;
    writing.held ??= [];
    writing.held.push(chunk);
    writing.heldBytes += chunk.event.raw.length;
    if (writing.heldBytes > this.#holdBytes) this.#releaseHeld(writing);
    return true;
  }

  #releaseHeld(writing: Writing): void {
    const held = writing.held ?? [];
    writing.held = undefined;
    for (const chunk of held) this.#releaseContent(writing, chunk);
  }

  #releaseContent(writing: Writing, chunk: StreamedChunk): ContentVerdict {
    if (writing.continuing !== undefined) return this.#releaseContinued(writing, chunk);
    const segment = this.#begin(writing, chunk);
    this.answer.release(segment, this.#withWaitingIds(writing, chunk.facts, chunk.facts.text), this.#clock.nowMs());
    return this.#write(this.#edited(writing, chunk)) ? 'taken' : 'slow';
  }

  /** What the events of a chunk's form are for the client. */
  #frameFor(writing: Writing, { template, text }: TextPiece): TextFrame {
    const known = writing.frame;
    if (known?.template === template) return known;
    const frame = new TextFrame(template, this.#editOf(writing, template.factsWith(text)));
    writing.frame = frame;
    return frame;
  }

  #releaseContinued(writing: Writing, chunk: StreamedChunk): ContentVerdict {
    const outcome = writing.continuing?.text.push(chunk);
    if (outcome === undefined || outcome.kind === 'wrong') return 'wrong';
    if (outcome.kind === 'over') {
      // The answer ends in the released text, so this attempt's segment has no part in it.
      writing.waitingIds = [];
      return 'over';
    }
    return this.#releasePieces(writing, outcome.pieces);
  }

  #releasePieces(writing: Writing, pieces: readonly NewPiece[]): ContentVerdict {
    let verdict: ContentVerdict = 'taken';
    for (const { chunk, text } of pieces) {
      const segment = this.#begin(writing, chunk);
      this.answer.release(segment, this.#withWaitingIds(writing, chunk.facts, text), this.#clock.nowMs());
      if (!this.#write(frameEvent(this.#rewritten(writing, chunk, text)))) verdict = 'slow';
    }
    return verdict;
  }

  /** What of a chunk is new, with the ids that were told before the text that they stand for. */
  #withWaitingIds(writing: Writing, facts: StreamedChunk['facts'], text: string): ReleasedPiece {
    if (writing.waitingIds.length === 0 && text === facts.text) return facts;
    const waiting = writing.waitingIds;
    writing.waitingIds = [];
    const { tokenIds, beyondText } = facts;
    const saidCharacters = facts.saidCharacters - facts.text.length + text.length;
    return { text, saidCharacters, beyondText, tokenIds: tokenIds === undefined ? undefined : [...waiting, ...tokenIds] };
  }

  /** Opens the attempt's segment with its first content, and with it the response. */
  #begin(writing: Writing, chunk: StreamedChunk): AnswerSegment {
    if (writing.segment !== undefined) return writing.segment;
    const { tried, continuing } = writing;
    learnHead(writing.head, chunk.facts);
    if (continuing === undefined) this.answer.takeHead(writing.head);
    this.#current = writing;
    writing.segment = this.answer.openSegment(tried.attemptId, tried.candidate, continuing?.by, this.#clock.nowMs());
    this.#onBegan(tried.attemptId);
    this.#commit(writing.provenance());
    for (const idle of writing.idle) this.#write(this.#edited(writing, idle));
    writing.idle = [];
    return writing.segment;
  }

  /** Releases the held end, with who made what and, if asked for, what it cost in tokens. */
  complete(done: StreamDone, attemptId: string, attempts: number): void {
    const writing = this.#writings.get(attemptId);
    if (writing === undefined) return;
    this.#releaseHeld(writing);
    const { finish, usageChunk } = done;
    if (finish === undefined) return this.completeEarly('stop', attempts);
    const text = this.#lastText(writing, finish);
    if (text === undefined) return this.completeEarly('stop', attempts);
    const segment = this.#begin(writing, finish);
    if (finish.facts.contentful) this.answer.release(segment, this.#withWaitingIds(writing, finish.facts, text), this.#clock.nowMs());
    this.#takeUsage(segment, done.usage);
    const secondSource = this.#secondSource(attempts);
    const { wantsUsage } = this.#request;
    const endsWithFinish = !wantsUsage || (finish.facts.usage !== undefined && writing.continuing === undefined);
    const inFinish = endsWithFinish ? secondSource : undefined;
    if (writing.continuing === undefined) this.#write(this.#edited(writing, finish, inFinish));
    else this.#write(frameEvent(withSecondSource(this.#rewritten(writing, finish, text), inFinish)));
    if (!endsWithFinish) this.#writeUsage(writing, usageChunk, secondSource);
    this.#write(doneFrame);
  }

  /** The text that a finish chunk brings; undefined where a stop string across the seam ended the answer before it. */
  #lastText(writing: Writing, finish: StreamedChunk): string | undefined {
    const { continuing } = writing;
    if (continuing === undefined) return finish.facts.text;
    const outcome = continuing.text.push(finish);
    if (outcome.kind !== 'release') return outcome.kind === 'over' ? undefined : '';
    const pieces = [...outcome.pieces, ...continuing.text.flush().pieces];
    const last = pieces.findIndex(({ chunk }) => chunk === finish);
    this.#releasePieces(writing, pieces.slice(0, last));
    return pieces[last]?.text ?? '';
  }

  #takeUsage(segment: AnswerSegment, reported: WireUsage | undefined): void {
    const counted = this.answer.idsComplete ? segment.outputTokens : undefined;
    const believed = reported === undefined ? undefined : believedUsage(reported, counted, this.#request.maxTokens);
    if (believed === undefined) return;
    segment.outputTokens = believed.outputTokens;
    if (this.answer.segments.length === 1) this.#upstreamUsage = { ...believed, source: 'upstream' };
  }

  /** Ends an answer that is whole though no endpoint said so: at its last allowed token, or at a stop string across a seam. */
  completeEarly(finishReason: 'length' | 'stop', attempts: number): void {
    const identity = this.answer.identity(this.#clock.wallMs());
    const secondSource = this.#secondSource(attempts);
    const { wantsUsage } = this.#request;
    const finish = writeChunk(identity, { text: '', finishReason, tokenIds: undefined });
    this.#write(frameEvent(withSecondSource(finish, wantsUsage ? undefined : secondSource)));
    if (wantsUsage) this.#write(frameEvent(withSecondSource(writeUsageChunk(identity, this.usage()), secondSource)));
    this.#write(doneFrame);
  }

  #secondSource(attempts: number): string | undefined {
    if (this.#request.hidesSecondSource === true) return undefined;
    return secondSourceJson(this.#request.requestId, attempts, this.#overheadMs(), this.answer.segments);
  }

  #writeUsage(writing: Writing, usage: StreamedChunk | undefined, secondSource: string | undefined): void {
    if (usage !== undefined && writing.continuing === undefined && this.#upstreamUsage !== undefined) {
      this.#write(this.#edited(writing, usage, secondSource));
      return;
    }
    const chunk = writeUsageChunk(this.answer.identity(this.#clock.wallMs()), this.usage());
    this.#write(frameEvent(withSecondSource(chunk, secondSource)));
  }

  /** Usage of the whole answer: the prompt once, every segment's tokens. */
  usage(): TokenUsage {
    if (this.#upstreamUsage !== undefined) return this.#upstreamUsage;
    const { idsComplete, promptTokenIds, outputTokens, begun } = this.answer;
    if (idsComplete) return { inputTokens: promptTokenIds?.length ?? 0, cachedInputTokens: 0, outputTokens, source: 'counted' };
    return { inputTokens: begun ? this.#request.estimatedInputTokens : 0, cachedInputTokens: 0, outputTokens, source: 'reserve' };
  }

  /** What one attempt used, or undefined where it brought nothing. */
  attemptUsage(attemptId: string, end: StreamEnd): TokenUsage | undefined {
    const index = this.answer.segments.findIndex((segment) => segment.attemptId === attemptId);
    const segment = this.answer.segments[index];
    const { promptTokenIds, idsComplete } = this.answer;
    const counted = idsComplete ? segment?.outputTokens : undefined;
    const reported = end.kind === 'complete' ? end.done.usage : end.kind === 'abandoned' ? end.usage : undefined;
    const believed = reported === undefined ? undefined : believedUsage(reported, counted, this.#request.maxTokens);
    if (believed !== undefined) return { ...believed, source: 'upstream' };
    if (segment === undefined) return undefined;
    const before = this.answer.segments.slice(0, index).reduce((sum, { outputTokens }) => sum + outputTokens, 0);
    const outputTokens = segmentTokens(segment);
    if (idsComplete && promptTokenIds !== undefined)
      return { inputTokens: promptTokenIds.length + before, cachedInputTokens: 0, outputTokens, source: 'counted' };
    return { inputTokens: this.#request.estimatedInputTokens, cachedInputTokens: 0, outputTokens, source: 'reserve' };
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
  #edited(writing: Writing, chunk: StreamedChunk, secondSource?: string): Uint8Array {
    const edit = { ...this.#editOf(writing, chunk.facts, chunk.toolRepairs), secondSource };
    return editsNothing(edit) ? chunk.event.raw : frameEvent(editChunk(chunk.event.dataBytes, edit));
  }

  #editOf(writing: Writing, facts: ChunkFacts, toolRepairs?: StreamedChunk['toolRepairs']): ChunkEdit {
    return { ...this.#edit(writing, facts, toolRepairs), ...identityEdit(writing.head, facts) };
  }

  #edit({ tried }: Writing, facts: ChunkFacts, toolRepairs: StreamedChunk['toolRepairs']): ChunkEdit {
    const { wantsTokenIds, wantsUsage } = this.#request;
    // The one that answers, which is another than the one that was asked for where that had no room.
    const { model } = tried.candidate.deployment;
    return {
      model: facts.model === undefined || facts.model === model ? undefined : model,
      dropTokenIds: !wantsTokenIds && (facts.tokenIds !== undefined || facts.promptTokenIds !== undefined || facts.seed !== undefined),
      dropUsage: facts.usageInvalid || (!wantsUsage && facts.usage !== undefined),
      toolRepairs,
    };
  }

  /** A chunk of the first endpoint's form around what another endpoint continues with. */
  #rewritten(writing: Writing, chunk: StreamedChunk, text: string): Uint8Array {
    const { continuing } = writing;
    const identity = this.answer.identity(this.#clock.wallMs());
    const { facts } = chunk;
    if (continuing?.by === 'prefill' && text === facts.text) {
      const { id, created } = identity;
      return editChunk(chunk.event.dataBytes, {
        ...this.#edit(writing, facts, chunk.toolRepairs),
        id,
        created,
        dropRole: facts.hasRole,
        dropUsage: true,
      });
    }
    const tokenIds = this.#request.wantsTokenIds ? facts.tokenIds : undefined;
    return writeChunk(identity, { text, finishReason: facts.finishReason ?? null, tokenIds });
  }
}

/** What every chunk of one answer shares, where this one says otherwise. */
function identityEdit(head: AnswerHead, facts: ChunkFacts): ChunkEdit {
  return {
    id: facts.id === undefined || facts.id === head.id ? undefined : head.id,
    created: facts.created === undefined || facts.created === head.created ? undefined : head.created,
  };
}

function withSecondSource(json: Uint8Array, secondSource: string | undefined): Uint8Array {
  return secondSource === undefined ? json : editChunk(json, { secondSource });
}
