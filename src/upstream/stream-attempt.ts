import { noEffect, oneFailure, type HealthEffect } from '../fleet/health-effect.ts';
import { classifyStatus } from './classify-failure.ts';
import { classifyTransportError } from './classify-transport-error.ts';
import { readChunk, type ChunkFacts } from '../protocol/read-chunk.ts';
import { SseDecoder, type SseEvent } from '../protocol/decode-sse.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Clock } from '../std/clock.ts';
import type { RelayLimits } from './relay-request.ts';
import type { ResponseHeaders } from './response-headers.ts';
import type { Transport, UpstreamCall, UpstreamRequest } from './transport.ts';

export interface StreamedChunk {
  readonly facts: ChunkFacts;
  readonly event: Extract<SseEvent, { kind: 'event' }>;
}

/** What the attempt tells while it runs. Content is heard in order, and never after the attempt has ended. */
export interface StreamListener {
  /** A chunk without content: the role, or an empty delta. */
  readonly onIdle: (chunk: StreamedChunk) => void;
  /** Returns false to have the upstream paused until `resume`. */
  readonly onContent: (chunk: StreamedChunk) => boolean;
}

export type StreamEnd =
  | { readonly kind: 'complete'; readonly finish: StreamedChunk; readonly usage: StreamedChunk | undefined }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure }
  | { readonly kind: 'abandoned' };

/** How long an endpoint may keep its end marker after the finish reason (fault 49). */
const endGraceMs = 2000;
/** Enough of an error body to read what it says; the rest is not worth its memory. */
const errorBodyBytes = 65_536;

/**
 * One upstream try of a streamed answer. It ends as complete only with proof: a terminal finish reason, no error
 * event, and `[DONE]` or, where an endpoint sends none, a proper end of the framing (DESIGN §4.1).
 */
export class StreamAttempt {
  readonly ended: Promise<StreamEnd>;
  firstContentMs: number | undefined;
  readonly #clock: Clock;
  readonly #limits: RelayLimits;
  readonly #listener: StreamListener;
  readonly #decoder: SseDecoder;
  #call: UpstreamCall | undefined;
  #resolve: (end: StreamEnd) => void = () => {};
  #cancelClock: () => void = () => {};
  #over = false;
  #paused = false;
  #status = 0;
  #headers: ResponseHeaders = {};
  #errorBody: Uint8Array[] = [];
  #errorBytes = 0;
  #finish: StreamedChunk | undefined;
  #usage: StreamedChunk | undefined;

  constructor(transport: Transport, endpoint: Endpoint, request: UpstreamRequest, listener: StreamListener, clock: Clock, limits: RelayLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#listener = listener;
    this.#decoder = new SseDecoder({ lineBytes: limits.lineBytes, eventBytes: limits.eventBytes });
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#watch();
    this.#call = transport.send(endpoint, request, {
      onHead: (status, headers) => this.#onHead(status, headers),
      onData: (bytes) => this.#onData(bytes),
      onEnd: () => this.#onEnd(),
      onError: (error) => this.#fail(classifyTransportError(error, this.#status !== 0)),
    });
  }

  /** Ends the attempt because nobody wants it any more: the client is gone. */
  abandon(): void {
    this.#end({ kind: 'abandoned' });
  }

  /** The client reads again; only now does the endpoint's own silence count again. */
  resume(): void {
    if (!this.#paused || this.#over) return;
    this.#paused = false;
    this.#watch();
    this.#call?.resume();
  }

  /** Ends the attempt from outside, for a limit that the request as a whole has. */
  expire(what: string): void {
    this.#fail({ class: 'maybe-executed', fault: { code: 'upstream_timeout' }, what, health: noEffect });
  }

  /**
   * Starts the one clock that runs anew: to the first content, then between contents, then to the end marker. None
   * runs while the endpoint is paused: a client that reads slowly is no silence of the endpoint's (fault 83).
   */
  #watch(): void {
    this.#cancelClock();
    if (this.#paused) return;
    if (this.#finish !== undefined) return this.#limit(endGraceMs, 'no end marker after the finish reason', noEffect);
    if (this.firstContentMs !== undefined) return this.#limit(this.#limits.stallTimeoutMs, 'the stream stalled', oneFailure);
    this.#limit(this.#limits.ttftTimeoutMs, 'no content within the time allowed', oneFailure);
  }

  #limit(afterMs: number, what: string, health: HealthEffect): void {
    this.#cancelClock = this.#clock.after(afterMs, () => this.#fail({ class: 'maybe-executed', fault: { code: 'upstream_timeout' }, what, health }));
  }

  #onHead(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>): void {
    // Informational responses may precede the real one.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (status === 200 && !String(headers['content-type'] ?? '').startsWith('text/event-stream')) {
      this.#malformed('the response to a stream request is not an event stream');
    }
  }

  #onData(bytes: Uint8Array): void {
    if (this.#status !== 200) return this.#collectError(bytes);
    const decoded = this.#decoder.push(bytes);
    if (!decoded.ok) {
      return this.#fail({ class: 'upstream-fault', fault: { code: 'upstream_event_too_large' }, what: decoded.failure, health: noEffect });
    }
    for (const event of decoded.value) {
      if (this.#over) return;
      // A comment is no content: it must not reset a clock (fault 44).
      if (event.kind === 'event') this.#onEvent(event);
    }
  }

  #onEvent(event: Extract<SseEvent, { kind: 'event' }>): void {
    const item = readChunk(event.data);
    switch (item.kind) {
      case 'done':
        return this.#onDone();
      case 'error':
        return this.#fail({
          class: item.clientFault ? 'client-fault' : 'upstream-fault',
          fault: { code: item.clientFault ? 'invalid_request' : 'upstream_error' },
          what: 'an error event in the stream',
          health: item.clientFault ? noEffect : oneFailure,
        });
      case 'malformed':
        return this.#malformed('an event that is not a chunk of the dialect');
      case 'chunk':
        return this.#onChunk({ facts: item, event });
    }
  }

  #onChunk(chunk: StreamedChunk): void {
    const { facts } = chunk;
    if (facts.finishReason !== undefined) {
      // Held with all that it carries until the end is proven; usage may come in it or after it.
      this.#finish = chunk;
      if (facts.contentful) this.firstContentMs ??= this.#clock.nowMs();
      this.#watch();
      return;
    }
    if (facts.usage !== undefined && !facts.contentful) {
      this.#usage = chunk;
      return;
    }
    if (!facts.contentful) return this.#listener.onIdle(chunk);
    this.firstContentMs ??= this.#clock.nowMs();
    const keepsUp = this.#listener.onContent(chunk);
    if (this.#over) return;
    if (!keepsUp) {
      this.#paused = true;
      this.#call?.pause();
    }
    this.#watch();
  }

  #onDone(): void {
    if (this.#finish === undefined) return this.#malformed('[DONE] without a finish reason');
    this.#end({ kind: 'complete', finish: this.#finish, usage: this.#usage });
  }

  #onEnd(): void {
    if (this.#status !== 200) return this.#failByStatus();
    // `transformers serve` ends its framing properly and sends no marker; a cut never gets here in chunked framing.
    if (this.#finish !== undefined && !this.#decoder.hasPartialEvent)
      return this.#end({ kind: 'complete', finish: this.#finish, usage: this.#usage });
    this.#fail({ class: 'maybe-executed', fault: { code: 'upstream_error' }, what: 'the stream ended without a finish reason', health: oneFailure });
  }

  #collectError(bytes: Uint8Array): void {
    this.#errorBytes += bytes.length;
    if (this.#errorBytes > errorBodyBytes) return this.#failByStatus();
    this.#errorBody.push(bytes.slice());
  }

  #failByStatus(): void {
    this.#fail(classifyStatus(this.#status, this.#headers, Buffer.concat(this.#errorBody).toString('utf8')));
  }

  #malformed(what: string): void {
    this.#fail({ class: 'upstream-fault', fault: { code: 'upstream_malformed' }, what, health: oneFailure });
  }

  #fail(failure: AttemptFailure): void {
    this.#end({ kind: 'failed', failure });
  }

  #end(end: StreamEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelClock();
    // Aborting a call that is complete is harmless; any other must stop its engine's work, and its late tokens.
    if (end.kind !== 'complete') this.#call?.abort();
    this.#resolve(end);
  }
}
