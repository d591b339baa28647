import type { LedgerDefects } from './ledger-defects.ts';
import type { LedgerErrorReason } from './ledger-error.ts';
import type { UsageQuery, UsageReport } from './ledger.ts';

/** What the writer thread is started with. */
export interface WriterStart {
  readonly directory: string;
  readonly processId: string;
  readonly startedAtWallMs: number;
  /** The folder in memory with the shadows of journals, where there is one. */
  readonly shadowDirectory: string | undefined;
}

export interface JournalToDrain {
  readonly name: string;
  readonly untilBytes: number;
  readonly sealed: boolean;
}

/** What the writer thread can be asked; it answers in order. `retire` is the last: the process has nothing more to say. */
export type WriterTask =
  | { readonly kind: 'drain'; readonly journals: readonly JournalToDrain[] }
  | { readonly kind: 'usage'; readonly query: UsageQuery }
  | { readonly kind: 'retire' };

export interface WriterRequest {
  readonly id: number;
  readonly task: WriterTask;
}

export type WriterAnswer =
  | { readonly kind: 'drained'; readonly defects: LedgerDefects }
  | { readonly kind: 'usage'; readonly report: UsageReport }
  | { readonly kind: 'retired' }
  | { readonly kind: 'failed'; readonly reason: LedgerErrorReason; readonly message: string };

/** Answer 0 says whether the start succeeded. */
export interface WriterReply {
  readonly id: number;
  readonly answer: WriterAnswer;
}
