import type { LedgerDesk } from '../ledger-desk.ts';
import type { KnownAttempt, VendorSettlement } from '../settle-attempts.ts';
import { isSame } from './compare-sums.ts';
import type { BillSum, Tolerance } from './compare-sums.ts';
import type { BillLine } from './read-bill.ts';

/** A request of the vendor's that is not ours as it says. */
export interface OddRequest {
  readonly requestId: string;
  readonly vendor: BillSum;
  readonly ledger: BillSum | undefined;
  readonly state: KnownAttempt['state'] | undefined;
}

export interface ComparedRequests {
  readonly matched: number;
  /** Unknown ones that the vendor's figures settle, or would settle. */
  readonly settled: number;
  readonly differing: number;
  readonly missing: number;
  readonly running: number;
  /** The first of those that differ or are missing. */
  readonly odd: readonly OddRequest[];
}

const linesAtOnce = 1000;
const mostOdd = 100;
/** Some servers put a word of their own before the id that they were sent, as vLLM does. */
const prefix = /^(?:chatcmpl|cmpl|resp|req|msg)[-_]/;

/** Compares the vendor's requests with our attempts, by the id that each was sent with. */
export class RequestComparison {
  readonly #desk: LedgerDesk;
  readonly #tolerance: Tolerance;
  readonly #settles: boolean;
  #waiting: (BillLine & { readonly requestId: string })[] = [];
  #counts = { matched: 0, settled: 0, differing: 0, missing: 0, running: 0 };
  readonly #odd: OddRequest[] = [];

  constructor(desk: LedgerDesk, tolerance: Tolerance, how: 'settle' | 'look') {
    this.#desk = desk;
    this.#tolerance = tolerance;
    this.#settles = how === 'settle';
  }

  async add(line: BillLine): Promise<void> {
    const { requestId } = line;
    if (requestId === undefined || requestId === '') return;
    this.#waiting.push({ ...line, requestId });
    if (this.#waiting.length >= linesAtOnce) await this.#compare();
  }

  async end(): Promise<ComparedRequests> {
    await this.#compare();
    return { ...this.#counts, odd: this.#odd };
  }

  async #compare(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    const ids = lines.flatMap(({ requestId }) => [requestId, requestId.replace(prefix, '')]);
    const known = new Map((await this.#desk.findAttempts([...new Set(ids)])).map((attempt) => [attempt.attemptId, attempt]));
    const settlements: VendorSettlement[] = [];
    for (const line of lines) {
      const attempt = known.get(line.requestId) ?? known.get(line.requestId.replace(prefix, ''));
      const verdict = this.#verdict(line, attempt);
      this.#counts[verdict] += 1;
      if (verdict === 'settled' && attempt !== undefined)
        settlements.push({
          attemptId: attempt.attemptId,
          inputTokens: line.inputTokens,
          cachedInputTokens: line.cachedInputTokens,
          outputTokens: line.outputTokens,
          costUsd: line.usd,
        });
      if ((verdict === 'differing' || verdict === 'missing') && this.#odd.length < mostOdd)
        this.#odd.push({ requestId: line.requestId, vendor: sumOf(line), ledger: attempt && ledgerSum(attempt), state: attempt?.state });
    }
    if (this.#settles && settlements.length > 0) await this.#desk.settle(settlements);
  }

  #verdict(line: BillLine, attempt: KnownAttempt | undefined): keyof Omit<ComparedRequests, 'odd'> {
    if (attempt === undefined) return 'missing';
    if (attempt.state === 'R') return 'running';
    if (attempt.state === 'U' || attempt.resolvedBy === 'counted' || attempt.resolvedBy === 'expired') return 'settled';
    return isSame(sumOf(line), ledgerSum(attempt), this.#tolerance) ? 'matched' : 'differing';
  }
}

function sumOf({ inputTokens, cachedInputTokens, outputTokens, usd }: BillLine): BillSum {
  return { inputTokens, cachedInputTokens, outputTokens, usd };
}

function ledgerSum({ inputTokens, cachedInputTokens, outputTokens, costUsd }: KnownAttempt): BillSum {
  return { inputTokens: inputTokens ?? 0, cachedInputTokens: cachedInputTokens ?? 0, outputTokens: outputTokens ?? 0, usd: costUsd ?? undefined };
}
