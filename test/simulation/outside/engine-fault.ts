import type { CountedAnswer } from './counted-answer.ts';
import type { Position, WireAct } from './wire-act.ts';

/**
 * What the fault catalogue says of a fault before the first content:
 * - `fail over`: another endpoint answers, unseen; with none, the client is told;
 * - `told`: no other endpoint is tried, because the request itself is at fault;
 * - `retry`: the same endpoint answers when it is asked again;
 * - `harmless`: the answer is complete all the same.
 */
export type Before = 'fail over' | 'told' | 'retry' | 'harmless';

/**
 * What it says after content was released:
 * - `continue`: another endpoint goes on where that is honest, else the honest error;
 * - `honest`: the honest error, whoever else is there;
 * - `harmless`: the answer is complete all the same.
 */
export type After = 'continue' | 'honest' | 'harmless';

/** What a fault may look at besides the acts that it changes. */
export interface FaultContext {
  readonly answer: CountedAnswer;
  /** The body of the same answer in one piece. */
  readonly whole: string;
}

/** Something that an engine, or the way to it, does wrong; or does oddly and may. */
export interface EngineFault {
  /** Its row in the fault catalogue. */
  readonly number: number;
  readonly name: string;
  readonly modes: readonly ('stream' | 'whole')[];
  readonly positions: readonly Position[];
  readonly before: Before;
  readonly after: After;
  /** After the finish reason, where it differs from `after`. */
  readonly atEnd?: After;
  /** What the client is told by HTTP if nobody else can answer. */
  readonly status: number;
  readonly code: string;
  /** What the honest error in a stream says. */
  readonly codeInStream: 'upstream_stream_error' | 'upstream_timeout';
  /** Text that must be among the client's bytes where the answer is complete, or must not. */
  readonly seen?: string;
  readonly unseen?: string;
  /** How many tokens a complete answer then has. */
  readonly tokens?: (total: number) => number;
  readonly apply: (acts: readonly WireAct[], at: number, context: FaultContext) => readonly WireAct[];
}
