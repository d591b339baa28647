import type { Endpoint } from '../fleet/endpoint.ts';

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** After the endpoint's base path: `/chat/completions`. */
  readonly path: string;
  readonly body: Uint8Array | undefined;
  /** Whether it must not use a kept connection: the last one broke, and others may be closing as well (fault 6). */
  readonly onFreshConnection?: boolean;
  /** Sent as `x-request-id`: the vendor's own log can then say what became of an attempt whose end nobody here saw (fault 88). */
  readonly attemptId?: string;
  /** Headers that stand in place of `authorization`: other dialects carry the key elsewhere. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an attempt hears, in this order: a head, data, then exactly one end or error; nothing after `abort`. */
export interface UpstreamSink {
  readonly onHead: (status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>) => void;
  readonly onData: (bytes: Uint8Array) => void;
  /** The next data, in bytes that are only lent: returns where what it took ends. What is left is told by `onData`. */
  readonly takeLent?: ((bytes: Uint8Array, start: number, end: number) => number) | undefined;
  /** The transport ended properly, which proves nothing about the answer (DESIGN §4.1). */
  readonly onEnd: () => void;
  readonly onError: (error: Error) => void;
}

export interface UpstreamCall {
  /** Ends the call at once, and the engine's work with it; the sink hears nothing more. */
  readonly abort: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** The network as the relay needs it; production speaks HTTP/1.1, a simulation passes its own. */
export interface Transport {
  readonly send: (endpoint: Endpoint, request: UpstreamRequest, sink: UpstreamSink) => UpstreamCall;
}
