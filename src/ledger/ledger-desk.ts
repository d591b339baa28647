import type { KeptRows, UpkeepRules } from './keep-rows.ts';
import { LedgerError } from './ledger-error.ts';
import type { LedgerPage, PageQuery } from './ledger-page.ts';
import type { UsageGrouping, UsageReport, UsageWindow } from './ledger.ts';
import type { KnownAttempt, VendorSettlement } from './settle-attempts.ts';
import type { AttemptLoad, LoadQuery } from './sum-loads.ts';
import type { AttemptSum, AttemptSumQuery } from './sum-attempts.ts';
import type { WriterAnswer, WriterTask } from './writer-message.ts';

/** What operators ask of a ledger: bills, exports, comparisons, copies. Each answer is of what was written when it was asked. */
export class LedgerDesk {
  readonly #ask: (task: WriterTask) => Promise<WriterAnswer>;

  constructor(ask: (task: WriterTask) => Promise<WriterAnswer>) {
    this.#ask = ask;
  }

  /** The key of each row is the JSON array of what it stands for. */
  async usageBySeveral(by: readonly UsageGrouping[], window: UsageWindow): Promise<UsageReport> {
    const answer = await this.#ask({ kind: 'usage by several', by, window });
    return answer.kind === 'usage' ? answer.report : otherAnswer();
  }

  async page(query: PageQuery): Promise<LedgerPage> {
    const answer = await this.#ask({ kind: 'page', query });
    return answer.kind === 'page' ? answer.page : otherAnswer();
  }

  async sumAttempts(query: AttemptSumQuery): Promise<readonly AttemptSum[]> {
    const answer = await this.#ask({ kind: 'sum', query });
    return answer.kind === 'sums' ? answer.sums : otherAnswer();
  }

  async sumLoads(query: LoadQuery): Promise<readonly AttemptLoad[]> {
    const answer = await this.#ask({ kind: 'load', query });
    return answer.kind === 'loads' ? answer.loads : otherAnswer();
  }

  async findAttempts(attemptIds: readonly string[]): Promise<readonly KnownAttempt[]> {
    const answer = await this.#ask({ kind: 'find', attemptIds });
    return answer.kind === 'found' ? answer.attempts : otherAnswer();
  }

  /** Resolves to how many attempts changed. */
  async settle(settlements: readonly VendorSettlement[]): Promise<number> {
    const answer = await this.#ask({ kind: 'settle', settlements });
    return answer.kind === 'settled' ? answer.count : otherAnswer();
  }

  async keep(rules: UpkeepRules): Promise<KeptRows> {
    const answer = await this.#ask({ kind: 'keep', rules });
    return answer.kind === 'kept' ? answer.kept : otherAnswer();
  }

  /** Resolves when the copy is whole and on disk. */
  async backUp(path: string): Promise<void> {
    const answer = await this.#ask({ kind: 'back up', path });
    if (answer.kind !== 'backed up') otherAnswer();
  }
}

function otherAnswer(): never {
  throw new LedgerError('failed', "The ledger's writer thread gave another answer than asked for.");
}
