import { ChunkedDecoder, type LentTaker } from './chunked-decoder.ts';
import { findHead } from './find-head.ts';
import { HttpError } from './http-error.ts';
import { parseResponseHead, type ResponseHead } from './response-head.ts';
import { partOfBytes } from '../std/part-of-bytes.ts';
import { mayBecomeHead, type Fields, type HeadFault } from './field-lines.ts';

/** Where a response goes as it is read: interim heads, the head, data, then exactly one end or error. */
export interface ResponseSink extends LentTaker {
  readonly onHead: (status: number, fields: Fields) => void;
  /** The bytes are the sink's to keep. */
  readonly onData: (bytes: Uint8Array) => void;
  readonly onEnd: () => void;
  readonly onError: (error: Error) => void;
}

type Phase =
  | { readonly kind: 'head' }
  | { readonly kind: 'bytes'; left: number }
  | { readonly kind: 'chunked'; readonly decoder: ChunkedDecoder }
  | { readonly kind: 'until-end' }
  | { readonly kind: 'over' };

const empty = Buffer.alloc(0);
const readingHead: Phase = { kind: 'head' };
const over: Phase = { kind: 'over' };

/** Reads one response from a connection's bytes, split anywhere, and says when the connection may be used again. */
export class ResponseReader {
  readonly #sink: ResponseSink;
  readonly #headLimitBytes: number;
  #phase: Phase = readingHead;
  #pending: Buffer = empty;
  #head: ResponseHead | undefined;
  #reusable = false;

  constructor(sink: ResponseSink, headLimitBytes: number) {
    this.#sink = sink;
    this.#headLimitBytes = headLimitBytes;
  }

  get isOver(): boolean {
    return this.#phase.kind === 'over';
  }

  /** Whether the response ended well, with nothing behind it, on a connection that its server keeps open. */
  get isReusable(): boolean {
    return this.#reusable;
  }

  get fields(): Fields | undefined {
    return this.#head?.fields;
  }

  /** Nothing more is wanted: the sink hears nothing from now on. */
  drop(): void {
    this.#phase = over;
    this.#reusable = false;
  }

  /** Reads as much as the sink takes of bytes that are only lent; returns where the rest begins, for `push`. */
  pushLent(bytes: Uint8Array, start: number, limit: number): number {
    const phase = this.#phase;
    return phase.kind === 'chunked' ? phase.decoder.pushLent(bytes, start, limit, this.#sink) : start;
  }

  /** Takes some bytes, which belong to whom it reads for from then on. */
  push(bytes: Buffer): void {
    if (this.#phase.kind !== 'head') return this.#takeBody(bytes, 0, bytes.length);
    let at = 0;
    let given = bytes;
    while (this.#phase.kind === 'head') {
      if (this.#pending.length > 0) given = Buffer.concat([this.#pending, given.subarray(at)]);
      else if (at > 0) given = given.subarray(at);
      at = 0;
      this.#pending = empty;
      const found = findHead(given, this.#headLimitBytes);
      if (!found.ok) return this.#refuse(found.failure);
      if (found.value === undefined) {
        if (!startsAsHttp(given)) return this.#refuse({ kind: 'malformed', what: 'no HTTP' });
        this.#pending = given;
        return;
      }
      at = found.value.next;
      this.#takeHead(found.value.text, at < given.length);
    }
    if (at < given.length) this.#takeBody(given, at, given.length);
  }

  /** The other side will send no more. */
  end(): void {
    if (this.#phase.kind === 'over') return;
    if (this.#phase.kind === 'until-end') return this.#finish(false);
    this.fail(new HttpError('HTTP_CLOSED_EARLY', 'the connection ended before the response did'));
  }

  fail(error: Error): void {
    if (this.#phase.kind === 'over') return;
    this.drop();
    this.#sink.onError(error);
  }

  #refuse({ kind, what }: HeadFault): void {
    this.fail(new HttpError(kind === 'too-large' ? 'HTTP_RESPONSE_HEAD_TOO_LARGE' : 'HTTP_RESPONSE_MALFORMED', what));
  }

  #takeHead(text: string, moreFollows: boolean): void {
    const parsed = parseResponseHead(text);
    if (!parsed.ok) return this.#refuse(parsed.failure);
    const head = parsed.value;
    if (head.status >= 200) {
      this.#head = head;
      this.#phase = phaseOf(head);
    }
    this.#sink.onHead(head.status, head.fields);
    if (this.#phase.kind === 'bytes' && this.#phase.left === 0) this.#finish(!moreFollows);
  }

  #takeBody(bytes: Buffer, start: number, limit: number): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'bytes': {
        const end = Math.min(limit, start + phase.left);
        phase.left -= end - start;
        this.#sink.onData(partOfBytes(bytes, start, end));
        if (phase.left === 0) this.#finish(end === limit);
        return;
      }
      case 'chunked': {
        const step = phase.decoder.push(bytes, start, limit, (from, to) => {
          if (this.#phase.kind !== 'over') this.#sink.onData(partOfBytes(bytes, from, to));
        });
        if (step.kind === 'broken') return this.fail(new HttpError('HTTP_RESPONSE_MALFORMED', step.what));
        if (step.kind === 'end') this.#finish(step.at === limit);
        return;
      }
      case 'until-end':
        return this.#sink.onData(partOfBytes(bytes, start, limit));
      case 'head':
      case 'over':
        return;
    }
  }

  /** What stands behind a response was asked for by nobody: such a connection is not used again (faults 33, 34). */
  #finish(nothingFollows: boolean): void {
    if (this.#phase.kind === 'over') return;
    this.#phase = over;
    this.#reusable = nothingFollows && this.#head?.keepsAlive === true;
    this.#sink.onEnd();
  }
}

const protocolName = Buffer.from('HTTP/1.');

function startsAsHttp(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, protocolName.length);
  return bytes.compare(protocolName, 0, length, 0, length) === 0 && mayBecomeHead(bytes);
}

function phaseOf({ body }: ResponseHead): Phase {
  switch (body.kind) {
    case 'bytes':
      return { kind: 'bytes', left: body.bytes };
    case 'chunked':
      return { kind: 'chunked', decoder: new ChunkedDecoder() };
    case 'until-end':
      return { kind: 'until-end' };
  }
}
