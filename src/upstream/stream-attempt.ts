import { ChunkTemplate, textBetween } from '../protocol/chunk-template.ts';
import { Deadline } from '../std/deadline.ts';
import { noEffect, oneFailure, type HealthEffect } from '../fleet/health-effect.ts';
import { classifyStatus, classifyStreamError } from './classify-failure.ts';
import { classifyTransportError } from './classify-transport-error.ts';
import { readChunk, type ChunkFacts } from '../protocol/read-chunk.ts';
import { readWholeAnswer } from '../protocol/read-whole-answer.ts';
import { plainEndBytes, SseDecoder } from '../protocol/decode-sse.ts';
import { streamFromWhole } from '../protocol/stream-from-whole.ts';
import { ToolCallAssembly } from '../protocol/tool-call-assembly.ts';
import { writeEvent } from '../protocol/write-chunk.ts';
import type { AttemptEnd, RunningAttempt } from './attempt-loop.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Clock } from '../std/clock.ts';
import type { RelayLimits } from './relay-request.ts';
import { ResponseHead } from './response-head.ts';
import type { ChunkEvent, ContentVerdict, StreamedChunk, StreamListener, TextPiece } from './stream-listener.ts';
import type { ResponseHeaders } from './response-headers.ts';
import type { Transport, UpstreamCall, UpstreamRequest, UpstreamSink } from './transport.ts';
import type { WireUsage } from '../protocol/read-usage.ts';

export interface StreamDone {
  /** The chunk with the finish reason; undefined where the answer was over before its endpoint said so. */
  readonly finish: StreamedChunk | undefined;
  /** The chunk that brought only usage. */
  readonly usageChunk: StreamedChunk | undefined;
  /** The last valid usage that any chunk told: each is the sum so far, so they are never added up (fault 68). */
  readonly usage: WireUsage | undefined;
}

export type StreamEnd = AttemptEnd<StreamDone>;

/** One upstream try of a streamed answer, as the relay asks for it. */
export interface StreamCall {
  readonly endpoint: Endpoint;
  readonly request: UpstreamRequest;
  readonly route: 'chat' | 'completions';
  readonly choices: number;
  readonly newCallId: (index: number) => string;
}

/** A stream whose chunks keep changing their form is parsed chunk by chunk. */
const formsLearnt = 8;
/** What an attempt waits for, and what it means that it came too late. */
interface Awaited {
  readonly what: string;
  readonly health: HealthEffect;
}
const firstContent: Awaited = { what: 'no content within the time allowed', health: oneFailure };
const nextContent: Awaited = { what: 'the stream stalled', health: oneFailure };
const endMarker: Awaited = { what: 'no end marker after the finish reason', health: noEffect };
const drained: Awaited = { what: 'its usage did not come in time', health: noEffect };

/** How long an endpoint may keep its end marker after the finish reason (fault 49). */
const endGraceMs = 2000;
/** Enough of an error body to read what it says; the rest is not worth its memory. */
const errorBodyBytes = 65_536;

/**
 * One upstream try of a streamed answer. It ends as complete only with proof: a terminal finish reason, no error
 * event, and `[DONE]` or, where an endpoint sends none, a proper end of the framing (DESIGN §4.1).
 */
export class StreamAttempt implements RunningAttempt, UpstreamSink {
  readonly ended: Promise<StreamEnd>;
  firstContentMs: number | undefined;
  readonly #clock: Clock;
  readonly #limits: RelayLimits;
  readonly #listener: StreamListener;
  readonly #asked: StreamCall;
  readonly #decoder: SseDecoder;
  readonly #toolCalls: ToolCallAssembly;
  #call: UpstreamCall | undefined;
  #resolve: (end: StreamEnd) => void = () => {};
  /** The one clock that runs anew: to the first content, then between contents, then to the end marker. */
  readonly #deadline: Deadline;
  #awaited = firstContent;
  #template: ChunkTemplate | undefined;
  /** The same while the next bytes may be a chunk of its form and nothing has come that says otherwise. */
  #expected: ChunkTemplate | undefined;
  #piece: TextPiece | undefined;
  #formsLeft = formsLearnt;
  #state: 'running' | 'draining' | 'over' = 'running';
  #paused = false;
  readonly #head = new ResponseHead();
  #idsTold = 0;
  /** An error's body, or a whole answer where a stream was asked for. */
  #body: Uint8Array[] = [];
  #bodyBytes = 0;
  /** What a 200 brings, once it is known to bring an answer at all. */
  #form: 'none' | 'events' | 'whole' = 'none';
  #finish: StreamedChunk | undefined;
  #usageChunk: StreamedChunk | undefined;
  #usage: WireUsage | undefined;

  constructor(asked: StreamCall, listener: StreamListener, transport: Transport, clock: Clock, limits: RelayLimits) {
    this.#asked = asked;
    this.#clock = clock;
    this.#limits = limits;
    this.#listener = listener;
    this.#decoder = new SseDecoder({ lineBytes: limits.lineBytes, eventBytes: limits.eventBytes });
    this.#toolCalls = new ToolCallAssembly(asked.newCallId);
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#deadline = new Deadline(clock, () => this.#onDue());
    this.#watch();
    this.#call = transport.send(asked.endpoint, asked.request, this);
  }

  abandon(drainMs: number): void {
    if (this.#state !== 'running') return;
    if (drainMs === 0) return this.#end({ kind: 'abandoned', usage: this.#toldUsage });
    this.#state = 'draining';
    this.#await(drained, drainMs, this.#clock.nowMs());
    this.#paused = false;
    this.#call?.resume();
  }

  /** The client reads again; only now does the endpoint's own silence count again. */
  resume(): void {
    if (!this.#paused || this.#state !== 'running') return;
    this.#paused = false;
    this.#watch();
    this.#call?.resume();
  }

  expire(what: string): void {
    this.#fail({ class: 'maybe-executed', fault: { code: 'upstream_timeout' }, what, health: noEffect });
  }

  /** No clock runs while the endpoint is paused: a client that reads slowly is no silence of the endpoint's (fault 83). */
  #watch(nowMs = this.#clock.nowMs()): void {
    if (this.#state !== 'running') return;
    if (this.#paused) return this.#deadline.clear();
    if (this.#finish !== undefined) return this.#await(endMarker, endGraceMs, nowMs);
    if (this.firstContentMs !== undefined) return this.#await(nextContent, this.#limits.stallTimeoutMs, nowMs);
    this.#await(firstContent, this.#limits.ttftTimeoutMs, nowMs);
  }

  #await(awaited: Awaited, afterMs: number, nowMs: number): void {
    this.#awaited = awaited;
    this.#deadline.set(afterMs, nowMs);
  }

  #onDue(): void {
    // After a proven end only the framing is waited for, so that the connection is not held for good.
    if (this.#state === 'over') return this.#call?.abort();
    if (this.#state === 'draining') return this.#end({ kind: 'abandoned', usage: this.#toldUsage });
    this.#fail({ class: 'maybe-executed', fault: { code: 'upstream_timeout' }, ...this.#awaited });
  }

  onHead(status: number, headers: ResponseHeaders): void {
    const taken = this.#head.take(status, headers);
    if (taken === 'flood') return this.#malformed('a flood of interim responses');
    if (taken === 'interim' || status !== 200) return;
    const type = this.#head.contentType;
    this.#form = type.startsWith('text/event-stream') ? 'events' : type.startsWith('application/json') ? 'whole' : 'none';
    if (this.#form === 'none') return this.#malformed('the response to a stream request is neither an event stream nor JSON');
    if (this.#head.isCompressed) this.#malformed('the response is compressed, though identity was asked for');
  }

  onData(bytes: Uint8Array): void {
    // After its end a stream says nothing more; a socket that does is not used again (faults 33, 34, 58).
    if (this.#state === 'over') return this.#call?.abort();
    if (this.#form !== 'events') return this.#collect(bytes);
    const taken = this.takeLent(bytes, 0, bytes.length);
    if (taken === bytes.length || this.#isOver()) return;
    const decoded = this.#decoder.push(taken === 0 ? bytes : bytes.subarray(taken));
    if (!decoded.ok) {
      return this.#fail({ class: 'upstream-fault', fault: { code: 'upstream_event_too_large' }, what: decoded.failure, health: noEffect });
    }
    for (const event of decoded.value) {
      // A comment is no content: it must not reset a clock (fault 44).
      if (event.kind !== 'event') continue;
      if (this.#isOver()) return this.#call?.abort();
      this.#onEvent(event, event.name);
    }
    this.#expected = this.#finish === undefined && this.#decoder.isBetweenEvents ? this.#template : undefined;
  }

  onError(error: Error): void {
    this.#fail(classifyTransportError(error, this.#head.isSeen));
  }

  /**
   * Hands on the chunks at the start that have the known form, without making events of them. Returns where they end:
   * whatever stands there is the decoder's.
   */
  takeLent(bytes: Uint8Array, start: number, limit: number): number {
    const template = this.#expected;
    if (template === undefined || this.#state !== 'running') return start;
    const nowMs = this.#clock.nowMs();
    let at = start;
    while (at < limit && this.#isRunning) {
      const found = template.endOfTextIn(bytes, at, limit);
      const textEnd = Math.abs(found);
      if (found === 0 || textEnd + template.afterBytes - plainEndBytes - at > this.#limits.lineBytes) break;
      const text = textBetween(bytes, at + template.beforeBytes, textEnd);
      if (text === undefined) break;
      const piece = this.#pieceOf(text, template, bytes, at, textEnd);
      at = piece.end;
      this.#onVerdict(this.#listener.onText(piece, nowMs));
    }
    if (at > start) this.#watch(nowMs);
    return at;
  }

  #pieceOf(text: string, template: ChunkTemplate, bytes: Uint8Array, start: number, textEnd: number): TextPiece {
    const textStart = start + template.beforeBytes;
    const end = textEnd + template.afterBytes;
    this.#piece ??= { text, template, bytes, start, textStart, textEnd, end };
    const piece = this.#piece;
    piece.text = text;
    piece.template = template;
    piece.bytes = bytes;
    piece.start = start;
    piece.textStart = textStart;
    piece.textEnd = textEnd;
    piece.end = end;
    return piece;
  }

  get #isRunning(): boolean {
    return this.#state === 'running';
  }

  #isOver(): boolean {
    return this.#state === 'over';
  }

  #onEvent(event: ChunkEvent, name: string): void {
    if (this.#isOver()) return;
    const text = name === 'message' ? this.#template?.textOf(event.bytes, event.dataStart, event.dataEnd) : undefined;
    if (text !== undefined && this.#template !== undefined) return this.#onChunk(this.#template.factsWith(text), event, this.#template);
    const item = readChunk(event.data, name);
    switch (item.kind) {
      case 'done':
        return this.#onDone();
      case 'error':
        return this.#fail(classifyStreamError(item));
      case 'malformed':
        return this.#malformed('an event that is not a chunk of the dialect');
      case 'chunk':
        return this.#onChunk(item, event, this.#learn(item, event));
    }
  }

  #learn(facts: ChunkFacts, event: ChunkEvent): ChunkTemplate | undefined {
    if (this.#formsLeft === 0 || !facts.contentful) return undefined;
    const template = ChunkTemplate.learn(event.dataBytes, facts);
    if (template === undefined) return undefined;
    this.#formsLeft -= 1;
    this.#template = template;
    return template;
  }

  #onChunk(facts: ChunkFacts, event: ChunkEvent, template: ChunkTemplate | undefined): void {
    if (facts.usage !== undefined && facts.usage.outputTokens >= (this.#usage?.outputTokens ?? 0)) this.#usage = facts.usage;
    if (facts.lastChoice >= this.#asked.choices) return this.#malformed('a choice that nobody asked for');
    // Tokens that were never told make the ids that are told useless to go on from.
    const told = (facts.tokenIds?.length ?? 0) + this.#idsTold;
    this.#idsTold = told;
    const trusted = facts.tokensSoFar === undefined || facts.tokensSoFar <= told ? facts : { ...facts, tokenIds: undefined };
    const step = this.#toolCalls.push(facts.toolDeltas);
    if (step.kind === 'broken') return this.#malformed('the pieces of a tool call do not fit together');
    const chunk = { facts: trusted, event, template, toolRepairs: step.kind === 'repair' ? step.repairs : undefined };
    if (facts.contentful) this.firstContentMs ??= this.#clock.nowMs();
    if (facts.finishReason !== undefined) return this.#onFinish(chunk, facts.finishReason);
    if (facts.usage !== undefined && !facts.contentful && facts.lastChoice < 0) {
      this.#usageChunk = chunk;
      return;
    }
    if (this.#state === 'draining') return;
    if (facts.contentful) this.#onContent(chunk);
    else this.#listener.onIdle(chunk);
  }

  /** Held with all that it carries until the end is proven; usage may come in it or after it. */
  #onFinish(chunk: StreamedChunk, reason: string): void {
    // An answer cut at its length may end within a call; one that says it is whole may not (fault 70).
    if (reason !== 'length' && reason !== 'content_filter' && !this.#toolCalls.complete) {
      const fault = { code: 'upstream_tool_call_invalid' } as const;
      return this.#fail({ class: 'upstream-fault', fault, what: 'the arguments of a tool call are no JSON', health: noEffect });
    }
    this.#finish = chunk;
    this.#watch();
  }

  #onContent(chunk: StreamedChunk): void {
    this.#onVerdict(this.#listener.onContent(chunk));
    if (this.#state === 'running') this.#watch();
  }

  #onVerdict(verdict: ContentVerdict): void {
    if (this.#state !== 'running' || verdict === 'taken') return;
    if (verdict === 'wrong') return this.#malformed('it did not go on from the released text');
    if (verdict === 'over') {
      this.#complete(undefined);
      return this.#call?.abort();
    }
    if (verdict === 'slow') {
      this.#paused = true;
      this.#call?.pause();
    }
  }

  #onDone(): void {
    if (this.#finish === undefined && this.firstContentMs === undefined) return this.#empty('[DONE] before anything else', 'upstream-fault');
    if (this.#finish === undefined) return this.#malformed('[DONE] without a finish reason');
    this.#complete(this.#finish);
    this.#deadline.set(endGraceMs);
  }

  onEnd(): void {
    if (this.#state === 'over') return this.#deadline.clear();
    if (this.#head.status !== 200) return this.#failByStatus();
    if (this.#form === 'whole') return this.#onWhole();
    // `transformers serve` ends its framing properly and sends no marker; a cut never gets here in chunked framing.
    if (this.#finish !== undefined && !this.#decoder.hasPartialEvent) return this.#complete(this.#finish);
    const what = 'the stream ended without a finish reason';
    if (this.firstContentMs === undefined && !this.#decoder.hasPartialEvent) return this.#empty(what, 'maybe-executed');
    this.#fail({ class: 'maybe-executed', fault: { code: 'upstream_error' }, what, health: oneFailure });
  }

  /** An answer in one piece where a stream was asked for is told as a stream (fault 26). */
  #onWhole(): void {
    const body = Buffer.concat(this.#body);
    const { route } = this.#asked;
    const chunks = readWholeAnswer(route, body.toString('utf8')).kind === 'answer' ? streamFromWhole(route, body) : undefined;
    if (chunks === undefined) return this.#malformed('the response is neither an event stream nor a whole answer');
    for (const data of chunks) this.#onEvent(writeEvent(data), 'message');
    if (!this.#isOver()) this.#onDone();
  }

  #collect(bytes: Uint8Array): void {
    this.#bodyBytes += bytes.length;
    if (this.#head.status !== 200 && this.#bodyBytes > errorBodyBytes) return this.#failByStatus();
    if (this.#bodyBytes > this.#limits.upstreamBodyBytes) return this.#malformed('the body is over the limit');
    this.#body.push(bytes.slice());
  }

  #failByStatus(): void {
    this.#fail(classifyStatus(this.#head.status, this.#head.headers, Buffer.concat(this.#body).toString('utf8')));
  }

  /** What it said that the whole answer took: before its end, usage in every chunk is only the sum so far. */
  get #toldUsage(): WireUsage | undefined {
    return this.#finish === undefined && this.#usageChunk === undefined ? undefined : this.#usage;
  }

  #empty(what: string, kind: AttemptFailure['class']): void {
    this.#fail({ class: kind, fault: { code: 'upstream_empty_response' }, what, health: oneFailure });
  }

  #malformed(what: string): void {
    this.#fail({ class: 'upstream-fault', fault: { code: 'upstream_malformed' }, what, health: oneFailure });
  }

  #complete(finish: StreamedChunk | undefined): void {
    this.#end({ kind: 'complete', done: { finish, usageChunk: this.#usageChunk, usage: this.#usage } });
  }

  #fail(failure: AttemptFailure): void {
    const mayBeBilled = this.#form !== 'none' && (failure.class !== 'client-fault' || this.firstContentMs !== undefined);
    this.#end({ kind: 'failed', failure: mayBeBilled ? { ...failure, mayBeBilled } : failure });
  }

  #end(end: StreamEnd): void {
    if (this.#state === 'over') return;
    const wasDraining = this.#state === 'draining';
    this.#state = 'over';
    this.#deadline.clear();
    // Aborting a call that is complete is harmless; any other must stop its engine's work, and its late tokens.
    if (end.kind !== 'complete') this.#call?.abort();
    this.#resolve(wasDraining ? { kind: 'abandoned', usage: this.#toldUsage } : end);
  }
}
