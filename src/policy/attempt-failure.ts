import { noEffect, type HealthEffect } from '../fleet/health-effect.ts';
import type { Fault } from '../std/error-catalogue.ts';

/**
 * How far an attempt had come when it failed, which decides what may follow (fault catalogue §2, `next-attempt.ts`):
 * - `not-sent`: no byte of the request can have been read, so trying elsewhere costs nothing;
 * - `maybe-executed`: the request may have been computed and billed;
 * - `refused`: the endpoint said no for now (429, 503, 529);
 * - `once-more`: the endpoint asks for the same again (408, 409, 425), or provably did not begin;
 * - `upstream-fault`: the endpoint answered, wrongly;
 * - `too-long`: prompt and answer do not fit this endpoint's context, and may fit a larger one;
 * - `unsupported-here`: this endpoint does not know something that another may know;
 * - `client-fault`: the request itself is at fault, so no other endpoint is tried;
 * - `shed`: this gateway itself had no room for it, so trying more would only make that worse.
 */
export type FailureClass =
  | 'not-sent'
  | 'maybe-executed'
  | 'refused'
  | 'once-more'
  | 'upstream-fault'
  | 'too-long'
  | 'unsupported-here'
  | 'client-fault'
  | 'shed';

export interface AttemptFailure {
  readonly class: FailureClass;
  /** What the client sees if nothing else succeeds. */
  readonly fault: Fault;
  /** For operators and logs, scrubbed of secrets: what happened on the wire. */
  readonly what: string;
  /** What it says of the endpoint. */
  readonly health: HealthEffect;
  /** Whether it failed over what it had begun to answer with: then it may be billed, whatever the class. */
  readonly mayBeBilled?: boolean;
  /** Whether only the key was at fault that was sent, and the same endpoint may be asked with another. */
  readonly ofKey?: boolean;
}

/** The client left, or the request's time ran out, before a byte was sent. */
export const neverSent: AttemptFailure = { class: 'not-sent', fault: { code: 'client_closed' }, what: 'never dispatched', health: noEffect };

/** The client left while the endpoint was answering. */
export const abandoned: AttemptFailure = { class: 'maybe-executed', fault: { code: 'client_closed' }, what: 'abandoned', health: noEffect };
