import type { Clock } from '../std/clock.ts';
import { errorBody, type Fault } from '../std/error-catalogue.ts';
import { sendReply, streamHead } from './respond.ts';
import type { AnswerHead, ClientAnswer, Reply } from './client-answer.ts';
import type { FollowingClient } from './idempotency/shared-answer.ts';
import type { Provenance } from '../upstream/provenance.ts';
import type { ServerResponse } from '../http/server-response.ts';

const encoder = new TextEncoder();
/** Long enough for the error event to leave before the connection is reset behind it. */
const resetDelayMs = 50;

export interface ResponseStreamOptions {
  readonly requestId: string;
  readonly showProvenance: boolean;
  readonly writeStallMs: number;
  /** What the head carries for clients of another API than chat completions. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The client's side of an answer over HTTP. */
export class ResponseStream implements ClientAnswer, FollowingClient {
  readonly #response: ServerResponse;
  readonly #options: ResponseStreamOptions;
  readonly #clock: Clock;
  #cancelStall: (() => void) | undefined;
  #carried = '';
  #explained = '';
  #over = false;

  constructor(response: ServerResponse, options: ResponseStreamOptions, clock: Clock) {
    this.#response = response;
    this.#options = options;
    this.#clock = clock;
  }

  get begun(): boolean {
    return this.#response.isBegun;
  }

  /** Header lines that are known only after this was made: they go with the head, whatever it is. */
  carry(lines: string): void {
    this.#carried = lines;
  }

  /** The same, of why it goes where it goes: what was said of that before is said no more. */
  explain(lines: string): void {
    this.#explained = lines;
  }

  begin({ status, headers, lines = '' }: AnswerHead): void {
    this.#response.begin(status, headers, lines + this.#carried + this.#explained);
  }

  commit(provenance: Provenance): void {
    const { requestId, showProvenance, headers } = this.#options;
    const head = streamHead(requestId, showProvenance, provenance);
    this.begin(headers === undefined ? head : { ...head, headers: { ...head.headers, ...headers } });
  }

  write(bytes: Uint8Array): boolean {
    return this.#response.write(bytes) || this.#isSlow();
  }

  writeLent(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#response.writeLent(bytes, start, end) || this.#isSlow();
  }

  #isSlow(): false {
    // A reader that takes nothing for this long is gone, or hostile: it would hold the answer's memory (fault 83).
    this.#cancelStall ??= this.#clock.after(this.#options.writeStallMs, () => this.#response.reset());
    return false;
  }

  onDrain(run: () => void): void {
    this.#response.onDrain(() => {
      this.#cancelStall?.();
      this.#cancelStall = undefined;
      run();
    });
  }

  onGone(run: () => void): void {
    this.#response.onOver(() => {
      this.#cancelStall?.();
      if (!this.#over) run();
    });
  }

  send(reply: Reply): void {
    this.#over = true;
    sendReply(this.#response, reply, this.#carried + this.#explained);
  }

  end(): void {
    this.#over = true;
    this.#response.end();
  }

  /**
   * Ends a stream that was begun and cannot be completed: an unnamed error event, which every SDK throws on, no
   * `[DONE]`, and a reset, so that no reader can take what it has for the whole answer (DESIGN §4.2).
   */
  fail(fault: Fault, told: Uint8Array = encoder.encode(`data: ${errorBody(fault)}\n\n`)): void {
    this.#over = true;
    this.#response.write(told);
    this.#clock.after(resetDelayMs, () => this.#response.reset());
  }
}
