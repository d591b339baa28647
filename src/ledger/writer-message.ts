import type { LedgerDefects } from './ledger-defects.ts';
import type { LedgerErrorReason } from './ledger-error.ts';
import type { KeptRows, UpkeepRules } from './keep-rows.ts';
import type { UsageGrouping, UsageQuery, UsageReport, UsageWindow } from './ledger.ts';
import type { LedgerPage, PageQuery } from './ledger-page.ts';
import type { KnownAttempt, VendorSettlement } from './settle-attempts.ts';
import type { AttemptLoad, LoadQuery } from './sum-loads.ts';
import type { AttemptSum, AttemptSumQuery } from './sum-attempts.ts';

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
  | { readonly kind: 'usage by several'; readonly by: readonly UsageGrouping[]; readonly window: UsageWindow }
  | { readonly kind: 'page'; readonly query: PageQuery }
  | { readonly kind: 'sum'; readonly query: AttemptSumQuery }
  | { readonly kind: 'load'; readonly query: LoadQuery }
  | { readonly kind: 'find'; readonly attemptIds: readonly string[] }
  | { readonly kind: 'settle'; readonly settlements: readonly VendorSettlement[] }
  | { readonly kind: 'keep'; readonly rules: UpkeepRules }
  | { readonly kind: 'back up'; readonly path: string }
  | { readonly kind: 'retire' };

export interface WriterRequest {
  readonly id: number;
  readonly task: WriterTask;
}

export type WriterAnswer =
  | { readonly kind: 'drained'; readonly defects: LedgerDefects }
  | { readonly kind: 'usage'; readonly report: UsageReport }
  | { readonly kind: 'page'; readonly page: LedgerPage }
  | { readonly kind: 'sums'; readonly sums: readonly AttemptSum[] }
  | { readonly kind: 'loads'; readonly loads: readonly AttemptLoad[] }
  | { readonly kind: 'found'; readonly attempts: readonly KnownAttempt[] }
  | { readonly kind: 'settled'; readonly count: number }
  | { readonly kind: 'kept'; readonly kept: KeptRows }
  | { readonly kind: 'backed up' }
  | { readonly kind: 'retired' }
  | { readonly kind: 'failed'; readonly reason: LedgerErrorReason; readonly message: string };

/** Answer 0 says whether the start succeeded. */
export interface WriterReply {
  readonly id: number;
  readonly answer: WriterAnswer;
}
