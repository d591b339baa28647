import type { Candidate } from '../../fleet/candidate.ts';

/** What a request shall keep to count as good (DESIGN §2, goodput). An absent limit is not judged. */
export interface SloClass {
  readonly name: string;
  readonly ttftMs?: number | undefined;
  /** Over the whole answer: (end − first token) ÷ (tokens − 1). */
  readonly tpotMs?: number | undefined;
  readonly totalMs?: number | undefined;
}

export const objectives = ['fastest', 'cheapest', 'balanced'] as const;

export type Objective = (typeof objectives)[number];

/** What the choice knows of a request: its size and what it shall keep, and nothing of its answer. */
export interface Ask {
  /** Estimated, where nobody counted. */
  readonly promptTokens: number;
  /** What the client allows at most; undefined where it did not say. */
  readonly maxTokens: number | undefined;
  /** Equal hashes in equal places are equal beginnings: one for each full block of `prefixBlockTokens` of the prompt. */
  readonly prefixHashes: Int32Array;
  readonly prefixBlockTokens: number;
  readonly slo: SloClass | undefined;
  readonly objective: Objective;
}

/** What a request counts with against shares: reserved before its answer, settled after it. */
export interface RequestSize {
  readonly tokens: number;
  /** Undefined where no price is known. */
  readonly usd: number | undefined;
  /** What it cannot exceed: hard caps count a running request by it. Where absent, `tokens` is taken for it. */
  readonly mostTokens?: number | undefined;
  /** The same in US dollars; where absent, `usd`. */
  readonly mostUsd?: number | undefined;
}

/** What the choice asks of the shares of vendors. */
export interface ShareView {
  /** Whether there is no cap at all, so that nothing else need be asked. */
  readonly isOpen: () => boolean;
  /** Whether what a request costs matters to a hard cap: where it does not, a size needs no price. */
  readonly countsUsd: () => boolean;
  /** Whether there is room for such a request wherever it goes, so that no candidate need be asked about by itself. */
  readonly admitsAnywhere: (size: RequestSize, nowMs: number) => boolean;
  /** Whether no cap adds anything to anybody's price now. */
  readonly isFree: (nowMs: number) => boolean;
  /** Whether hard caps leave room for it there now. */
  readonly admits: (candidate: Candidate, size: RequestSize, nowMs: number) => boolean;
  /**
   * What caps add to its price there, in US dollars; 0 where none binds. Hard caps have a price too, so that who saves least
   * is displaced first. `place`: where it stands among those that are compared, which for the next request mostly is the same.
   */
  readonly priceUsd: (candidate: Candidate, size: RequestSize, nowMs: number, place?: number) => number;
  /** The request goes to `to`, and would have gone to `from` without caps. Differences are `to` minus `from`, predicted; undefined where unknown. */
  readonly displaced: (
    from: Candidate,
    to: Candidate,
    size: RequestSize,
    extra: { readonly usd: number | undefined; readonly ttftMs: number | undefined },
  ) => void;
}
