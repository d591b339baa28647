import { noEffect, oneFailure } from '../fleet/health-effect.ts';
import { classifyStatus } from './classify-failure.ts';
import { classifyTransportError } from './classify-transport-error.ts';
import { readWholeAnswer } from '../protocol/read-whole-answer.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { RelayLimits, Route } from './relay-request.ts';
import type { ResponseHeaders } from './response-headers.ts';
import type { Transport, UpstreamCall, UpstreamRequest } from './transport.ts';
import type { WireUsage } from '../protocol/read-usage.ts';

export type WholeEnd =
  | { readonly kind: 'complete'; readonly body: Uint8Array; readonly characters: number; readonly usage: WireUsage | undefined }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure }
  | { readonly kind: 'abandoned' };

/**
 * One upstream try of an answer that comes in one piece, collected up to a limit and judged when it is whole. It has no
 * clock of its own: there is no first token to wait for, so the time of the request as a whole bounds it.
 */
export class WholeAttempt {
  readonly ended: Promise<WholeEnd>;
  readonly #route: Route;
  readonly #limits: RelayLimits;
  #call: UpstreamCall | undefined;
  #resolve: (end: WholeEnd) => void = () => {};
  #over = false;
  #status = 0;
  #headers: ResponseHeaders = {};
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(transport: Transport, endpoint: Endpoint, request: UpstreamRequest, route: Route, limits: RelayLimits) {
    this.#route = route;
    this.#limits = limits;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#call = transport.send(endpoint, request, {
      onHead: (status, headers) => {
        if (status < 200) return;
        this.#status = status;
        this.#headers = headers;
      },
      onData: (bytes) => this.#onData(bytes),
      onEnd: () => this.#onEnd(),
      onError: (error) => this.#fail(classifyTransportError(error, this.#status !== 0)),
    });
  }

  abandon(): void {
    this.#end({ kind: 'abandoned' });
  }

  expire(what: string): void {
    this.#fail({ class: 'maybe-executed', fault: { code: 'upstream_timeout' }, what, health: noEffect });
  }

  #onData(bytes: Uint8Array): void {
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

  #onEnd(): void {
    const body = Buffer.concat(this.#parts);
    if (this.#status !== 200) return this.#fail(classifyStatus(this.#status, this.#headers, body.toString('utf8')));
    const answer = readWholeAnswer(this.#route, body.toString('utf8'));
    switch (answer.kind) {
      case 'answer':
        return this.#end({ kind: 'complete', body, characters: answer.characters, usage: answer.usage });
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
        return this.#fail({
          class: 'upstream-fault',
          fault: { code: 'upstream_malformed' },
          what: 'the body is no answer of the dialect',
          health: oneFailure,
        });
    }
  }

  #fail(failure: AttemptFailure): void {
    this.#end({ kind: 'failed', failure });
  }

  #end(end: WholeEnd): void {
    if (this.#over) return;
    this.#over = true;
    if (end.kind !== 'complete') this.#call?.abort();
    this.#resolve(end);
  }
}
