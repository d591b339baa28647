import { success } from '../std/result.ts';
import { readAtTurnEnd, type TurnReader } from './turn.ts';
import { findHead } from './find-head.ts';
import { listsToken, mayBecomeHead, type Fields } from './field-lines.ts';
import { RequestHeads, type RequestHead } from './request-head.ts';
import { RequestBody, type BodyOutcome } from './request-body.ts';
import { ServerResponse, type ServerSocket } from './server-response.ts';
import type { Clock } from '../std/clock.ts';

/** A request as its handler sees it. */
export interface HttpRequest {
  readonly method: string;
  /** In origin form, as it came. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly headers: Fields;
  /** The whole body, once; one over the limit is not read to its end, and its connection serves nothing after it. */
  readonly readBody: (limitBytes: number) => BodyOutcome | Promise<BodyOutcome>;
}

/** Why a connection is answered without a request. */
export interface Refusal {
  readonly why: 'malformed' | 'head-too-large' | 'timeout';
  readonly what: string;
}

export interface WholeResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface ConnectionRules {
  readonly headerBytes: number;
  /** From the first byte of a head, or from the connection's beginning, to the head's end. */
  readonly headersTimeoutMs: number;
  /** From the head to the body's end. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

export interface ConnectionSurroundings {
  readonly rules: ConnectionRules;
  readonly clock: Clock;
  readonly onRequest: (request: HttpRequest, response: ServerResponse) => void;
  readonly refusal: (refusal: Refusal) => WholeResponse;
  readonly isDraining: () => boolean;
  readonly onClosed: (connection: ServerConnection) => void;
}

/** How long an answer to what is not read to its end has to arrive before the connection goes, whatever the client does (fault 84). */
const lingerMs = 1000;
/** What a client may send ahead while it is answered: beyond it, it is not read until the answer is complete. */
const aheadBytes = 65_536;
const interimContinue = 'HTTP/1.1 100 Continue\r\n\r\n';
const noBytes = Buffer.alloc(0);

/** One client's connection: reads one request after another, each answered before the next is looked at. */
export class ServerConnection implements TurnReader {
  readonly #socket: ServerSocket;
  readonly #around: ConnectionSurroundings;
  readonly #heads = new RequestHeads();
  #state: 'head' | 'serving' | 'closing' | 'closed' = 'head';
  /** What came and was not yet read. */
  #ahead: Buffer = noBytes;
  #body: RequestBody | undefined;
  #response: ServerResponse | undefined;
  #isFirst = true;
  /** Whether the one empty line before this request was read, in whatever piece it came. */
  #emptyLineRead = false;
  #readsAhead = false;
  #hasEnded = false;
  #isReadSoon = false;
  /** Since when the present wait lasts: for a head, a body, or a next request. */
  #sinceMs: number;

  constructor(socket: ServerSocket, around: ConnectionSurroundings) {
    this.#socket = socket;
    this.#around = around;
    this.#sinceMs = around.clock.nowMs();
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('drain', () => this.#response?.drained());
    socket.on('end', () => {
      this.#hasEnded = true;
      this.#readSoon();
    });
    socket.on('error', () => this.#lost());
    socket.on('close', () => this.#lost());
  }

  /** Whether it waits for a next request and has nothing of it. */
  get isIdle(): boolean {
    return this.#state === 'head' && this.#ahead.length === 0;
  }

  /** Ends what waits for too long. Called now and then, so that no connection needs a timer of its own. */
  sweep(nowMs: number): void {
    const waitedMs = nowMs - this.#sinceMs;
    const { headersTimeoutMs, keepAliveTimeoutMs, requestTimeoutMs } = this.#around.rules;
    if (this.#state === 'closing' || (this.isIdle && !this.#isFirst)) {
      if (waitedMs >= keepAliveTimeoutMs) this.destroy();
    } else if (this.#state === 'head' && waitedMs >= headersTimeoutMs) {
      this.#refuse({ why: 'timeout', what: 'the head did not arrive in time' });
    } else if (this.#state === 'serving' && this.#body !== undefined && waitedMs >= requestTimeoutMs) {
      this.#body = undefined;
      this.#refuse({ why: 'timeout', what: 'the body did not arrive in time' });
    }
  }

  destroy(): void {
    this.#socket.destroy();
    this.#lost();
  }

  #onData(bytes: Buffer): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.isIdle) this.#sinceMs = this.#around.clock.nowMs();
    this.#ahead = this.#ahead.length === 0 ? bytes : Buffer.concat([this.#ahead, bytes]);
    this.#readSoon();
  }

  #readSoon(): void {
    if (this.#isReadSoon) return;
    this.#isReadSoon = true;
    readAtTurnEnd(this);
  }

  /** Reads what the turn brought. */
  read(): void {
    this.#isReadSoon = false;
    if (this.#ahead.length > 0) this.#readAhead();
    if (this.#hasEnded) this.#onEnd();
  }

  #readAhead(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#body !== undefined) this.#feedBody();
    else if (this.#state === 'head') this.#readOn();
    else if (this.#ahead.length > aheadBytes) this.#socket.pause();
  }

  /** Reads requests as long as whole heads are there and each is answered at once; a loop, so that no depth grows. */
  #readOn(): void {
    if (this.#readsAhead) return;
    this.#readsAhead = true;
    while (this.#state === 'head' && this.#ahead.length > 0 && this.#takeHead());
    this.#readsAhead = false;
  }

  /** Returns whether a request was begun. */
  #takeHead(): boolean {
    // One empty line before a request is let pass (RFC 9112 §2.2); anything else that begins no method is refused at once.
    if (!this.#emptyLineRead && this.#ahead[0] === 0x0d && this.#ahead[1] === 0x0a) {
      this.#emptyLineRead = true;
      this.#ahead = this.#ahead.subarray(2);
    }
    const [first] = this.#ahead;
    if (first === undefined || (first === 0x0d && this.#ahead.length === 1 && !this.#emptyLineRead)) return false;
    if (first < 0x41 || first > 0x5a) return this.#refuse({ why: 'malformed', what: 'a request line that is none' });
    const found = findHead(this.#ahead, this.#around.rules.headerBytes);
    if (!found.ok) return this.#refuse({ why: 'head-too-large', what: found.failure.what });
    if (found.value === undefined) return !mayBecomeHead(this.#ahead) && this.#refuse({ why: 'malformed', what: 'a control character in the head' });
    const head = this.#heads.read(found.value.text);
    if (!head.ok) return this.#refuse({ why: head.failure.kind === 'malformed' ? 'malformed' : 'head-too-large', what: head.failure.what });
    this.#ahead = this.#ahead.subarray(found.value.next);
    this.#emptyLineRead = false;
    this.#serve(head.value);
    return true;
  }

  #serve(head: RequestHead): void {
    const { method, target, version, fields } = head;
    this.#state = 'serving';
    this.#isFirst = false;
    this.#sinceMs = this.#around.clock.nowMs();
    let unread = head.body.kind === 'chunked' || (head.body.kind === 'bytes' && head.body.bytes > 0);
    const asksToClose = version === '1.0' || listsToken(fields['connection'], 'close');
    const closes = (): boolean => asksToClose || unread || this.#around.isDraining();
    const response = new ServerResponse(this.#socket, { version, isHead: method === 'HEAD', closes }, this.#around.clock);
    this.#response = response;
    response.onOver(() => this.#answered(response));
    const readBody = (limitBytes: number): BodyOutcome | Promise<BodyOutcome> => {
      const { body: length } = head;
      if (length.kind === 'bytes' && length.bytes <= limitBytes && length.bytes <= this.#ahead.length) {
        // It came with its head, as most do.
        unread = false;
        return success(this.#take(length.bytes));
      }
      return new Promise((resolve) => {
        const body = new RequestBody(head.body, limitBytes, (outcome) => {
          unread = unread && !outcome.ok;
          this.#body = undefined;
          resolve(outcome);
        });
        if (body.isOver) return;
        this.#body = body;
        this.#feedBody();
        if (this.#body !== undefined && version === '1.1' && fields['expect'] === '100-continue') this.#socket.write(interimContinue, 'latin1');
      });
    };
    this.#around.onRequest({ method, target, version, headers: fields, readBody }, response);
  }

  /** The next bytes of what came. Mostly they are all of it, which needs no view. */
  #take(bytes: number): Buffer {
    const ahead = this.#ahead;
    const isAll = bytes === ahead.length;
    this.#ahead = isAll ? noBytes : ahead.subarray(bytes);
    return isAll ? ahead : ahead.subarray(0, bytes);
  }

  #feedBody(): void {
    const given = this.#ahead;
    this.#ahead = noBytes;
    const taken = this.#body?.push(given) ?? 0;
    this.#ahead = given.subarray(taken);
  }

  #answered(response: ServerResponse): void {
    if (this.#response !== response || this.#state !== 'serving') return;
    this.#response = undefined;
    if (response.closesConnection || !response.isBegun) return this.#close();
    this.#state = 'head';
    this.#sinceMs = this.#around.clock.nowMs();
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#readOn();
  }

  #refuse(refusal: Refusal): false {
    const { status, headers, body } = this.#around.refusal(refusal);
    const response = this.#response ?? new ServerResponse(this.#socket, { version: '1.1', isHead: false, closes: () => true }, this.#around.clock);
    this.#state = 'serving';
    this.#response = response;
    response.onOver(() => this.#answered(response));
    if (response.isBegun) this.#close();
    else response.send(status, headers, body);
    return false;
  }

  /** Closes behind an answer. What the client still sends is read for a moment: unread, it would make the kernel reset the answer. */
  #close(): void {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    this.#state = 'closing';
    this.#ahead = noBytes;
    this.#sinceMs = this.#around.clock.nowMs();
    // Counted from when all was handed over: a client that reads slowly may read to the end.
    this.#socket.end(() => {
      const cancel = this.#around.clock.after(lingerMs, () => this.#socket.destroy());
      this.#socket.once('close', cancel);
    });
    this.#socket.resume();
  }

  /** The client will send nothing more: it has gone, unless it only waits for the rest of what it was sent. */
  #onEnd(): void {
    if (this.#state === 'serving' && this.#response?.isComplete !== true) this.#lost();
    else this.#close();
  }

  #lost(): void {
    if (this.#state === 'closed') return;
    const wasClosing = this.#state === 'closing';
    this.#state = 'closed';
    this.#ahead = noBytes;
    if (!wasClosing) this.#socket.destroy();
    this.#body?.gone();
    this.#response?.finish();
    this.#response = undefined;
    this.#around.onClosed(this);
  }
}
