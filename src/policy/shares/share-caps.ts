import { CapAccount, deficitCredit, type CapEntry, type NewCredit, type ShareHold } from './cap-account.ts';
import type { CapTally } from './cap-tally.ts';
import { isSameGroup, yieldsTo, type Loss } from './loss.ts';
import { sideOf, type ControlGroupOf, type ShareCap, type Side } from './share-cap.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { CapStanding, ShareGroup } from '../dependence/dependence-report.ts';
import type { Endpoint } from '../../fleet/endpoint.ts';
import type { RequestSize, ShareView } from '../choice/ask.ts';

export interface ShareCapsOptions {
  /** The `nowMs` at which a window of every length begins: that of the Unix epoch, so that all replicas' windows agree. */
  readonly originMs: number;
  readonly controlGroupOf: ControlGroupOf;
  /** The credit of a cap in a window. Default: a deficit counter in memory. */
  readonly newCredit?: NewCredit | undefined;
}

export interface ServedBefore {
  readonly endpoint: Pick<Endpoint, 'id' | 'silicon'>;
  readonly size: RequestSize & { readonly requests: number };
}

/** How requests on an endpoint count: in the groups of these caps, and in the rest of those. */
interface Standing {
  readonly endpointId: string;
  readonly silicon: Endpoint['silicon'];
  readonly capped: readonly CapAccount[];
  readonly rest: readonly CapAccount[];
}

const mostLosses = 256;
/** Endpoints that come and go leave their names behind. */
const mostKnown = 10_000;
/** The choice compares fewer at once. */
const mostPlaces = 1024;
/** While requests of a group run, what they reserved and did not need may come back any moment. */
const givenBackInMs = 1000;

/**
 * Keeps vendors' shares within their caps (DESIGN §6). A hard cap is kept by a credit that cannot be overdrawn by answers
 * longer than guessed; soft ones, and the order in which hard ones displace, by a price. Pure: it is told what happens.
 */
export class ShareCaps implements ShareView {
  readonly #options: ShareCapsOptions;
  /** Dispatches that count with any cap and are not settled. */
  #running = 0;
  #accounts: readonly CapAccount[] = [];
  #countsUsd = false;
  /** How each endpoint counts with each cap: worked out once for an endpoint as it is. */
  #known = new Map<string, Standing>();
  /** The same by the place at which an endpoint was compared last, where it need not be looked up. */
  #placed: (Standing | undefined)[] = [];
  #losses: readonly Loss[] = [];
  /** When the choice asked last: what it displaced, it displaced then. */
  #askedMs = 0;

  constructor(caps: readonly ShareCap[], options: ShareCapsOptions) {
    this.#options = options;
    this.change(caps);
  }

  /** Takes other caps into use. One that stays as it is keeps its counts; a new one counts from now on. */
  change(caps: readonly ShareCap[]): void {
    const { originMs, newCredit = deficitCredit } = this.#options;
    const known = this.#accounts;
    this.#accounts = caps.map((cap) => known.find((account) => isSameCap(account.cap, cap)) ?? new CapAccount(cap, originMs, newCredit));
    this.#countsUsd = caps.some(({ kind, measure }) => kind === 'hard' && measure === 'usd');
    this.#known = new Map();
    this.#placed = [];
  }

  get caps(): readonly ShareCap[] {
    return this.#accounts.map(({ cap }) => cap);
  }

  /** What was served in a cap's present window before this process began, so that a restart does not make room. */
  resume(capId: string, served: readonly ServedBefore[], nowMs: number): void {
    const account = this.#accounts.find(({ cap }) => cap.id === capId);
    if (account === undefined) return;
    for (const { endpoint, size } of served) {
      const side = sideOf(account.cap, endpoint, this.#options.controlGroupOf);
      if (side !== 'none') account.resume(side, size, nowMs);
    }
  }

  isOpen(): boolean {
    return this.#accounts.length === 0;
  }

  countsUsd(): boolean {
    return this.#countsUsd;
  }

  admitsAnywhere(size: RequestSize, nowMs: number): boolean {
    this.#askedMs = nowMs;
    for (const account of this.#accounts) if (!account.fits(size, nowMs)) return false;
    return true;
  }

  isFree(nowMs: number): boolean {
    this.#askedMs = nowMs;
    for (const account of this.#accounts) if (!account.isFree(nowMs)) return false;
    return true;
  }

  admits(candidate: Candidate, size: RequestSize, nowMs: number): boolean {
    // Mostly all have room for anybody, and nobody's groups need be looked up.
    if (this.admitsAnywhere(size, nowMs)) return true;
    for (const account of this.#standingOf(candidate.endpoint).capped)
      if (!account.admits(size, nowMs) && !this.#yields(account, candidate.deployment.model)) return false;
    return true;
  }

  priceUsd(candidate: Candidate, size: RequestSize, nowMs: number, place?: number): number {
    let usd = 0;
    for (const account of this.#standingAt(candidate.endpoint, place).capped)
      if (!this.#yields(account, candidate.deployment.model)) usd += account.priceUsd(size, nowMs);
    return usd;
  }

  /** Counts with each cap that has `from` and not `to` in its group and keeps requests away now. */
  displaced(
    from: Candidate,
    to: Candidate,
    size: RequestSize,
    extra: { readonly usd: number | undefined; readonly ttftMs: number | undefined },
  ): void {
    const nowMs = this.#askedMs;
    const { capped: alike } = this.#standingOf(to.endpoint);
    for (const account of this.#standingOf(from.endpoint).capped)
      if (!alike.includes(account) && (account.isBinding(nowMs) || account.priceUsd(size, nowMs) > 0)) account.displaced(size.tokens, extra);
  }

  /** In the turn in which it was admitted, so that nobody else takes the room that the choice saw. */
  dispatched(candidate: Candidate, size: RequestSize, nowMs: number): ShareHold {
    const entries: CapEntry[] = [];
    if (this.#accounts.length === 0) return entries;
    const { model } = candidate.deployment;
    const { capped, rest } = this.#standingOf(candidate.endpoint);
    for (const account of capped) entries.push(account.dispatched('group', size, this.#yields(account, model), nowMs));
    for (const account of rest) entries.push(account.dispatched('rest', size, this.#yields(account, model), nowMs));
    if (entries.length > 0) this.#running += 1;
    return entries;
  }

  /**
   * `actual` undefined: nobody knows what it used, which counts as the most for its group, and as nothing for the rest.
   * What is known to have used nothing is 0 tokens and 0 USD. Nothing is held afterwards, so that a second time changes nothing.
   */
  settled(hold: ShareHold, actual: RequestSize | undefined, nowMs: number): void {
    if (hold.length === 0) return;
    this.#running -= 1;
    for (let entry = hold.pop(); entry !== undefined; entry = hold.pop()) entry.account.settled(entry, actual, nowMs);
  }

  /** Caps yield for these models (absent: for all), where who is lost is not the capped group itself. */
  declareLoss(group: ShareGroup, nowMs: number, models?: readonly string[]): void {
    this.endLoss(group);
    if (this.#losses.length < mostLosses)
      this.#losses = [...this.#losses, { group, sinceMs: nowMs, models: models === undefined ? undefined : new Set(models) }];
  }

  endLoss(group: ShareGroup): void {
    this.#losses = this.#losses.filter((loss) => !isSameGroup(loss.group, group));
  }

  get losses(): readonly Loss[] {
    return this.#losses;
  }

  /** How long until a candidate that is not admitted may be again: what `retry-after` says. */
  roomInMs(candidate: Candidate, nowMs: number): number {
    const { capped } = this.#standingOf(candidate.endpoint);
    const ends = capped.filter(({ cap }) => cap.kind === 'hard').map((account) => account.endsInMs(nowMs));
    const windowMs = Math.max(0, ...ends);
    return this.#running > 0 ? Math.min(givenBackInMs, windowMs) : windowMs;
  }

  standings(nowMs: number): readonly CapStanding[] {
    return this.tallies(nowMs).map(({ standing }) => standing);
  }

  /** The same with the sums behind it, which those of several processes are joined by. */
  tallies(nowMs: number): readonly CapTally[] {
    return this.#accounts.map((account) => account.tally(this.#yields(account, undefined), nowMs));
  }

  #yields(account: CapAccount, model: string | undefined): boolean {
    if (this.#losses.length === 0) return false;
    return this.#losses.some((loss) => yieldsTo(loss, account.cap, model, this.#options.controlGroupOf));
  }

  #standingAt(endpoint: Endpoint, place: number | undefined): Standing {
    if (place === undefined || place >= mostPlaces) return this.#standingOf(endpoint);
    const placed = this.#placed[place];
    if (placed !== undefined && placed.endpointId === endpoint.id && placed.silicon === endpoint.silicon) return placed;
    return (this.#placed[place] = this.#standingOf(endpoint));
  }

  #standingOf(endpoint: Endpoint): Standing {
    const known = this.#known.get(endpoint.id);
    if (known !== undefined && known.silicon === endpoint.silicon) return known;
    if (this.#known.size >= mostKnown) this.#known.clear();
    const on = (side: Side): readonly CapAccount[] =>
      this.#accounts.filter(({ cap }) => sideOf(cap, endpoint, this.#options.controlGroupOf) === side);
    const standing = { endpointId: endpoint.id, silicon: endpoint.silicon, capped: on('group'), rest: on('rest') };
    this.#known.set(endpoint.id, standing);
    return standing;
  }
}

function isSameCap(a: ShareCap, b: ShareCap): boolean {
  return capKey(a) === capKey(b);
}

function capKey({ id, group, measure, kind, most, windowMs, minimumVolume, countEmulated }: ShareCap): string {
  return JSON.stringify([id, group.by, group.name, measure, kind, most, windowMs, minimumVolume, countEmulated]);
}
