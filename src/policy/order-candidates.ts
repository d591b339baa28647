import { preferenceOf, type ProviderPreference } from './provider-preference.ts';
import type { Candidate } from '../fleet/candidate.ts';

/** Candidates, the best first. Nearly every request asks only who is first, which takes no sorting. */
export interface Ranking {
  readonly first: Candidate;
  readonly candidates: readonly Candidate[];
}

/** Says who of several is best that nothing else tells apart. */
export interface Ranker {
  /** Those that have room in the caps on shares, the best first; undefined where none has. */
  readonly rank: (equals: readonly Candidate[]) => Ranking | undefined;
  /** How long until one of those that have no room may have. */
  readonly roomInMs: (candidates: readonly Candidate[]) => number;
}

export interface Ordering {
  readonly provider: ProviderPreference | undefined;
  /** Breaks ties, so that equals take turns: the number of requests chosen before this one. */
  readonly turn: number;
  /** Undefined: the least loaded, by turns. */
  readonly ranker?: Ranker | undefined;
}

/** All candidates in their order. */
export interface OrderedCandidates extends Ranking {
  readonly kind: 'candidates';
}

/** Multiples of it, without their whole part, fall evenly between 0 and 1: so shares are exact and need no chance. */
const goldenRatio = 0.618_033_988_749_895;
/** Above every standing, and with `emulated` above that. */
const standings = 4;

/**
 * Best first: those preferred by name, then real silicon before emulated, then one whose trial is due, then those that
 * neither warm up nor refused lately; among equals as the ranker says. `afterThem` are tried when nobody else is left.
 * Undefined where the ranker leaves nobody.
 */
export function orderCandidates(open: readonly Candidate[], afterThem: readonly Candidate[], by: Ordering): OrderedCandidates | undefined {
  return by.ranker === undefined ? byLoad(open, afterThem, by) : byRank(open, afterThem, by, by.ranker);
}

/** One number for all that comes before the rank: the lower, the better. */
function tierOf({ endpoint, state, weight, penalised }: Candidate, { provider, turn }: Ordering): number {
  const emulated = endpoint.silicon.evidence === 'emulated' ? 1 : 0;
  const isDrawn = weight >= 1 || (turn * goldenRatio) % 1 < weight;
  const standing = state === 'trial' ? 0 : penalised || !isDrawn ? 2 : 1;
  return (preferenceOf(endpoint, provider) * 2 + emulated) * standings + standing;
}

function byRank(open: readonly Candidate[], afterThem: readonly Candidate[], by: Ordering, ranker: Ranker): OrderedCandidates | undefined {
  const first = bestOf(open, by, ranker) ?? ranker.rank(afterThem)?.first;
  return first === undefined ? undefined : new Ranked(first, open, afterThem, by, ranker);
}

/** The best of the best tier in which anybody has room. */
function bestOf(open: readonly Candidate[], by: Ordering, ranker: Ranker): Candidate | undefined {
  let above = -1;
  for (;;) {
    let lowest = Number.POSITIVE_INFINITY;
    let count = 0;
    for (const candidate of open) {
      const tier = tierOf(candidate, by);
      if (tier <= above || tier > lowest) continue;
      if (tier < lowest) count = 0;
      lowest = tier;
      count += 1;
    }
    if (count === 0) return undefined;
    const best = ranker.rank(count === open.length ? open : inTier(open, lowest, by));
    if (best !== undefined) return best.first;
    above = lowest;
  }
}

function inTier(open: readonly Candidate[], tier: number, by: Ordering): readonly Candidate[] {
  return open.filter((candidate) => tierOf(candidate, by) === tier);
}

class Ranked implements OrderedCandidates {
  readonly kind = 'candidates';
  readonly first: Candidate;
  readonly #open: readonly Candidate[];
  readonly #afterThem: readonly Candidate[];
  readonly #by: Ordering;
  readonly #ranker: Ranker;

  constructor(first: Candidate, open: readonly Candidate[], afterThem: readonly Candidate[], by: Ordering, ranker: Ranker) {
    this.first = first;
    this.#open = open;
    this.#afterThem = afterThem;
    this.#by = by;
    this.#ranker = ranker;
  }

  get candidates(): readonly Candidate[] {
    const tiers = new Map<number, Candidate[]>();
    for (const candidate of this.#open) {
      const tier = tierOf(candidate, this.#by);
      const equals = tiers.get(tier);
      if (equals === undefined) tiers.set(tier, [candidate]);
      else equals.push(candidate);
    }
    const inOrder = [...tiers].toSorted(([a], [b]) => a - b).map(([, equals]) => equals);
    const ranked = [...inOrder, this.#afterThem].flatMap((equals) => this.#ranker.rank(equals)?.candidates ?? []);
    // Chance may rank anew otherwise than it chose.
    return [this.first, ...ranked.filter((candidate) => candidate !== this.first)];
  }
}

/** What a candidate is sorted by; worked out once, because fleets may be large. */
interface SortKeys {
  readonly candidate: Candidate;
  readonly tier: number;
  readonly turn: number;
}

function byKeys(a: SortKeys, b: SortKeys): number {
  return a.tier - b.tier || a.candidate.running - b.candidate.running || a.turn - b.turn;
}

function byLoad(open: readonly Candidate[], afterThem: readonly Candidate[], by: Ordering): OrderedCandidates | undefined {
  const count = open.length;
  const keys = open.map((candidate, index) => ({ candidate, tier: tierOf(candidate, by), turn: (index + count - (by.turn % count)) % count }));
  let best = keys[0];
  for (const key of keys) if (best !== undefined && byKeys(key, best) < 0) best = key;
  const first = best?.candidate ?? afterThem[0];
  return first === undefined ? undefined : new Loaded(first, keys, afterThem);
}

class Loaded implements OrderedCandidates {
  readonly kind = 'candidates';
  readonly first: Candidate;
  readonly #open: readonly SortKeys[];
  readonly #afterThem: readonly Candidate[];

  constructor(first: Candidate, open: readonly SortKeys[], afterThem: readonly Candidate[]) {
    this.first = first;
    this.#open = open;
    this.#afterThem = afterThem;
  }

  get candidates(): readonly Candidate[] {
    return [...this.#open.toSorted(byKeys).map(({ candidate }) => candidate), ...this.#afterThem];
  }
}
