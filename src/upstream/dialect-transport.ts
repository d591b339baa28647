import { anthropicExchange } from './anthropic-exchange.ts';
import { geminiExchange } from './gemini-exchange.ts';
import { profileExchange } from './profile-exchange.ts';
import { plainProfile } from '../protocol/profiles/profile.ts';
import { profileNamed } from '../protocol/profiles/profile-named.ts';
import { TranslatedSink, type TranslationLimits } from './translated-sink.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Exchange, WholeResponse } from './exchange.ts';
import type { Transport, UpstreamCall, UpstreamRequest, UpstreamSink } from './transport.ts';

/**
 * A transport to endpoints that speak otherwise than published: the relay sends and hears the published form, whatever
 * the endpoint's dialect. An endpoint without quirks is passed straight on.
 */
export class DialectTransport implements Transport {
  readonly #inner: Transport;
  readonly #limits: TranslationLimits;
  readonly #clock: Clock;

  constructor(inner: Transport, limits: TranslationLimits, clock: Clock) {
    this.#inner = inner;
    this.#limits = limits;
    this.#clock = clock;
  }

  send(endpoint: Endpoint, request: UpstreamRequest, sink: UpstreamSink): UpstreamCall {
    const exchange = this.#exchange(endpoint, request);
    if (exchange === undefined) return this.#inner.send(endpoint, request, sink);
    if (exchange.kind === 'refuse') return answerAtOnce(exchange.response, sink);
    const translated = new TranslatedSink(sink, exchange.translation, this.#limits);
    const call = this.#inner.send(exchange.endpoint, exchange.request, translated);
    return {
      abort: () => {
        translated.close();
        call.abort();
      },
      pause: () => call.pause(),
      resume: () => call.resume(),
    };
  }

  #exchange(endpoint: Endpoint, request: UpstreamRequest): Exchange | undefined {
    switch (endpoint.dialect) {
      case 'anthropic':
        return anthropicExchange(endpoint, request, this.#clock.wallMs());
      case 'gemini':
        return geminiExchange(endpoint, request, this.#clock.wallMs());
      case 'openai': {
        const profile = profileNamed(endpoint.profile);
        return profile === plainProfile ? undefined : profileExchange(endpoint, request, profile);
      }
    }
  }
}

/** An answer without a connection; told later, as a transport would, so that the caller holds its call by then. */
function answerAtOnce({ status, headers, body }: WholeResponse, sink: UpstreamSink): UpstreamCall {
  let over = false;
  queueMicrotask(() => {
    if (over) return;
    sink.onHead(status, headers);
    sink.onData(new TextEncoder().encode(body));
    sink.onEnd();
  });
  return {
    abort: () => {
      over = true;
    },
    pause: () => {},
    resume: () => {},
  };
}
