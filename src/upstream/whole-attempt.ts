import { noEffect, oneFailure } from '../fleet/health-effect.ts';
import { classifyStatus } from './classify-failure.ts';
import { classifyTransportError } from './classify-transport-error.ts';
import { readWholeAnswer, type WholeAnswer } from '../protocol/read-whole-answer.ts';
import { readUsualAnswer } from '../protocol/usual-answer.ts';
import type { AttemptEnd, RunningAttempt } from './attempt-loop.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { RelayLimits, Route } from './relay-request.ts';
import { ResponseHead } from './response-head.ts';
import type { ResponseHeaders } from './response-headers.ts';
import type { Transport, UpstreamCall, UpstreamRequest, UpstreamSink } from './transport.ts';

export interface WholeDone {
  readonly answer: Extract<WholeAnswer, { kind: 'answer' }>;
  readonly body: Uint8Array;
}

export type WholeEnd = AttemptEnd<WholeDone>;

export interface WholeCall {
  readonly endpoint: Endpoint;
  readonly request: UpstreamRequest;
  readonly route: Route;
}

/**
 * One upstream try of an answer that comes in one piece, collected up to a limit and judged when it is whole. It has no
 * clock of its own: there is no first token to wait for, so the time of the request as a whole bounds it.
 */
export class WholeAttempt implements RunningAttempt, UpstreamSink {
  readonly firstContentMs = undefined;
  readonly #route: Route;
  readonly #clock: Clock;
  readonly #limits: RelayLimits;
  readonly #ended: (end: WholeEnd) => void;
  #call: UpstreamCall | undefined;
  #cancelDrain: (() => void) | undefined;
  #state: 'running' | 'draining' | 'over' = 'running';
  readonly #head = new ResponseHead();
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  /** `ended` is told once. */
  constructor(asked: WholeCall, ended: (end: WholeEnd) => void, transport: Transport, clock: Clock, limits: RelayLimits) {
    this.#route = asked.route;
    this.#clock = clock;
    this.#limits = limits;
    this.#ended = ended;
    this.#call = transport.send(asked.endpoint, asked.request, this);
  }

  abandon(drainMs: number): void {
    if (this.#state !== 'running') return;
    if (drainMs === 0) return this.#end({ kind: 'abandoned', usage: undefined });
    this.#state = 'draining';
    this.#cancelDrain = this.#clock.after(drainMs, () => this.#end({ kind: 'abandoned', usage: undefined }));
  }

  expire(what: string): void {
    this.#fail({ class: 'maybe-executed', fault: { code: 'upstream_timeout' }, what, health: noEffect });
  }

  onHead(status: number, headers: ResponseHeaders): void {
    const taken = this.#head.take(status, headers);
    if (taken === 'flood') return this.#malformed('a flood of interim responses');
    if (status === 200 && this.#head.isCompressed) this.#malformed('the response is compressed, though identity was asked for');
  }

  onData(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#limits.upstreamBodyBytes) {
      return this.#fail({
        class: 'upstream-fault',
        fault: { code: 'upstream_event_too_large' },
        what: 'the body is over the limit',
        health: noEffect,
      });
    }
    this.#parts.push(bytes);
  }

  onEnd(): void {
    const body = joinedBuffer(this.#parts);
    if (this.#head.status !== 200) return this.#fail(classifyStatus(this.#head.status, this.#head.headers, body.toString('utf8')));
    const answer = (this.#route === 'chat' ? readUsualAnswer(body) : undefined) ?? readWholeAnswer(this.#route, body.toString('utf8'));
    switch (answer.kind) {
      case 'answer':
        if (this.#state === 'draining') return this.#end({ kind: 'abandoned', usage: answer.usage });
        return this.#end({ kind: 'complete', done: { answer, body } });
      case 'empty':
        return this.#fail({ class: 'upstream-fault', fault: { code: 'upstream_empty_response' }, what: 'no choices', health: noEffect });
      case 'bad-tool-call':
        return this.#fail({
          class: 'upstream-fault',
          fault: { code: 'upstream_tool_call_invalid' },
          what: 'tool-call arguments are no JSON',
          health: noEffect,
        });
      case 'malformed':
        return this.#malformed('the body is no answer of the dialect');
    }
  }

  onError(error: Error): void {
    this.#fail(classifyTransportError(error, this.#head.isSeen));
  }

  #malformed(what: string): void {
    this.#fail({ class: 'upstream-fault', fault: { code: 'upstream_malformed' }, what, health: oneFailure });
  }

  #fail(failure: AttemptFailure): void {
    // Whatever is wrong with it, a 200 was computed, unless it is plainly no answer at all.
    const mayBeBilled = this.#head.status === 200 && this.#head.contentType.startsWith('application/json') && failure.class !== 'client-fault';
    this.#end({ kind: 'failed', failure: mayBeBilled ? { ...failure, mayBeBilled } : failure });
  }

  #end(end: WholeEnd): void {
    if (this.#state === 'over') return;
    const wasDraining = this.#state === 'draining' && end.kind === 'failed';
    this.#state = 'over';
    this.#cancelDrain?.();
    if (end.kind !== 'complete') this.#call?.abort();
    this.#ended(wasDraining ? { kind: 'abandoned', usage: undefined } : end);
  }
}

/** Most answers come in one piece, which needs no copy. */
function joinedBuffer(parts: readonly Uint8Array[]): Buffer {
  const [only] = parts;
  if (only === undefined || parts.length > 1) return Buffer.concat(parts);
  return only instanceof Buffer ? only : Buffer.from(only.buffer, only.byteOffset, only.length);
}
