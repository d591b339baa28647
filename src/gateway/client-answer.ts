import type { Fault } from '../std/error-catalogue.ts';
import type { ClientStream } from '../upstream/relay-request.ts';

export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** More headers, by `headerLines`: those that were made before. */
  readonly lines?: string;
}

/** A response in one piece. */
export interface Reply extends AnswerHead {
  readonly body: string | Uint8Array;
}

/** Where an answer goes: to one client's connection, or to a recording that several clients follow. */
export interface ClientAnswer extends ClientStream {
  /** Whether the response's head was sent, so that a failure must be told inside the stream. */
  readonly begun: boolean;
  /** Sends a whole response. Nothing happens where the client has gone. */
  readonly send: (reply: Reply) => void;
  /** Ends a stream that is complete. */
  readonly end: () => void;
  /**
   * Ends a stream that was begun and cannot be completed, so that nobody takes it for the whole answer. `told`: the
   * events that say so in another API than chat completions.
   */
  readonly fail: (fault: Fault, told?: Uint8Array) => void;
}
