import { SseDecoder, type SseEvent } from '../protocol/decode-sse.ts';
import { headerText, type ResponseHeaders } from './response-headers.ts';
import type { AnswerTranslation } from './exchange.ts';
import type { UpstreamSink } from './transport.ts';

export interface TranslationLimits {
  readonly lineBytes: number;
  readonly eventBytes: number;
  /** The largest answer that is not a stream. */
  readonly upstreamBodyBytes: number;
}

/** Enough of an error body to read what it says. */
const errorBodyBytes = 65_536;
const encoder = new TextEncoder();
/** The beginning of an event that never ends: how a stream that was cut within one is told to whoever reads on. */
const unfinished = encoder.encode('data: ');
const tooLarge = '{"error":{"code":"event_too_large","message":"an event of the stream is over the limit"}}';

/** Stands between a transport and an attempt, and tells the attempt an answer of another dialect in the published form. */
export class TranslatedSink implements UpstreamSink {
  readonly #inner: UpstreamSink;
  readonly #translation: AnswerTranslation;
  readonly #limits: TranslationLimits;
  readonly #decoder: SseDecoder;
  #mode: 'head' | 'events' | 'whole' | 'error' | 'pass' = 'head';
  #status = 0;
  #headers: ResponseHeaders = {};
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;
  #over = false;

  constructor(inner: UpstreamSink, translation: AnswerTranslation, limits: TranslationLimits) {
    this.#inner = inner;
    this.#translation = translation;
    this.#limits = limits;
    this.#decoder = new SseDecoder(limits);
  }

  /** Nothing more is told. */
  close(): void {
    this.#over = true;
  }

  onHead(status: number, headers: ResponseHeaders): void {
    if (status < 200) return this.#inner.onHead(status, headers);
    this.#status = status;
    this.#headers = this.#translation.headers?.(headers) ?? headers;
    this.#mode = this.#modeOf(status, headerText(headers, 'content-type') ?? '');
    if (this.#mode === 'events' || this.#mode === 'pass') this.#inner.onHead(status, this.#headers);
  }

  #modeOf(status: number, type: string): 'events' | 'whole' | 'error' | 'pass' {
    const { event, whole, error } = this.#translation;
    if (status !== 200) return error === undefined ? 'pass' : 'error';
    if (type.startsWith('text/event-stream')) return event === undefined ? 'pass' : 'events';
    return type.startsWith('application/json') && whole !== undefined ? 'whole' : 'pass';
  }

  onData(bytes: Uint8Array): void {
    if (this.#over) return;
    if (this.#mode === 'events') return this.#onEvents(bytes);
    if (this.#mode === 'pass') return this.#inner.onData(bytes);
    this.#bytes += bytes.length;
    this.#parts.push(bytes.slice());
    if (this.#mode === 'error' && this.#bytes > errorBodyBytes) return this.#tellError();
    // Over the limit it is told as it came: the attempt has the same limit and says so.
    if (this.#bytes > this.#limits.upstreamBodyBytes) this.#tell(this.#status, this.#headers, this.#parts.splice(0));
  }

  takeLent(bytes: Uint8Array, start: number, end: number): number {
    return this.#mode === 'pass' && !this.#over ? (this.#inner.takeLent?.(bytes, start, end) ?? start) : start;
  }

  #onEvents(bytes: Uint8Array): void {
    const decoded = this.#decoder.push(bytes);
    if (!decoded.ok) {
      this.#mode = 'pass';
      return this.#say([tooLarge]);
    }
    for (const event of decoded.value) {
      if (this.#isOver()) return;
      this.#onEvent(event);
    }
  }

  #isOver(): boolean {
    return this.#over;
  }

  #onEvent(event: SseEvent): void {
    if (event.kind === 'comment') return this.#inner.onData(event.raw);
    const told = this.#translation.event?.(event.data, event.dataBytes);
    if (told === undefined) this.#inner.onData(event.raw);
    else this.#say(told);
  }

  #say(told: readonly string[]): void {
    if (told.length > 0 && !this.#over) this.#inner.onData(encoder.encode(told.map((data) => `data: ${data}\n\n`).join('')));
  }

  onEnd(): void {
    if (this.#over) return;
    if (this.#mode === 'events') {
      if (this.#decoder.hasPartialEvent) this.#inner.onData(unfinished);
      else this.#say(this.#translation.end?.() ?? []);
    }
    if (this.#mode === 'whole') this.#tellWhole();
    if (this.#mode === 'error') this.#tellError();
    if (!this.#isOver()) this.#inner.onEnd();
  }

  onError(error: Error): void {
    if (this.#over) return;
    // What came of an error body says more than that the connection broke behind it.
    if (this.#mode === 'error' || this.#mode === 'whole') this.#tell(this.#status, this.#headers, this.#parts.splice(0));
    if (!this.#isOver()) this.#inner.onError(error);
  }

  #tellWhole(): void {
    const body = Buffer.concat(this.#parts.splice(0));
    const told = this.#translation.whole?.(body.toString('utf8'));
    if (told === undefined) this.#tell(this.#status, this.#headers, [body]);
    else this.#tell(told.status, { ...this.#headers, ...told.headers }, [encoder.encode(told.body)]);
  }

  #tellError(): void {
    const body = Buffer.concat(this.#parts.splice(0)).toString('utf8');
    const told = this.#translation.error?.({ status: this.#status, headers: this.#headers, body });
    this.#tell(told?.status ?? this.#status, told?.headers ?? this.#headers, [encoder.encode(told?.body ?? body)]);
  }

  /** The head that was held back, then the body; what still comes passes as it is. */
  #tell(status: number, headers: ResponseHeaders, parts: readonly Uint8Array[]): void {
    this.#mode = 'pass';
    this.#inner.onHead(status, headers);
    for (const part of parts) if (!this.#over && part.length > 0) this.#inner.onData(part);
  }
}
