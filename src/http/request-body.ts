import { ChunkedDecoder } from './chunked-decoder.ts';
import { failure, success, type Result } from '../std/result.ts';
import type { BodyLength } from './body-length.ts';

/** Why a body could not be had: it is longer than was allowed, it is framed wrongly, or its client has gone. */
export type BodyFailure = 'too-large' | 'malformed' | 'gone';

export type BodyOutcome = Result<Uint8Array, BodyFailure>;

/** Collects one request's body up to a limit. A longer one is refused as soon as that is known. */
export class RequestBody {
  readonly #length: BodyLength;
  readonly #limitBytes: number;
  readonly #done: (outcome: BodyOutcome) => void;
  #decoder: ChunkedDecoder | undefined;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #over = false;

  constructor(length: BodyLength, limitBytes: number, done: (outcome: BodyOutcome) => void) {
    this.#length = length;
    this.#limitBytes = limitBytes;
    this.#done = done;
    if (length.kind === 'bytes' && length.bytes > limitBytes) this.#end(failure('too-large'));
    else if (length.kind === 'bytes' && length.bytes === 0) this.#end(success(new Uint8Array()));
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Takes what belongs to the body and returns how much of `bytes` that is. */
  push(bytes: Uint8Array): number {
    if (this.#over) return 0;
    return this.#length.kind === 'bytes' ? this.#takeBytes(bytes, this.#length.bytes) : this.#takeChunks(bytes);
  }

  gone(): void {
    this.#end(failure('gone'));
  }

  #takeBytes(bytes: Uint8Array, length: number): number {
    const taken = Math.min(bytes.length, length - this.#bytes);
    this.#keep(bytes.subarray(0, taken));
    if (this.#bytes === length) this.#complete();
    return taken;
  }

  #takeChunks(bytes: Uint8Array): number {
    this.#decoder ??= new ChunkedDecoder();
    const step = this.#decoder.push(bytes, 0, bytes.length, (from, to) => this.#keep(bytes.subarray(from, to)));
    if (this.#bytes > this.#limitBytes) this.#end(failure('too-large'));
    else if (step.kind === 'broken') this.#end(failure('malformed'));
    else if (step.kind === 'end') this.#complete();
    return step.kind === 'end' ? step.at : bytes.length;
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes <= this.#limitBytes) this.#parts.push(part);
  }

  #complete(): void {
    const [only] = this.#parts;
    this.#end(success(this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts)));
  }

  #end(outcome: BodyOutcome): void {
    if (this.#over) return;
    this.#over = true;
    this.#parts = [];
    this.#done(outcome);
  }
}
