import type { Candidate } from '../fleet/candidate.ts';
import { AttemptBook } from './attempt-book.ts';
import { chooseDeployments } from '../policy/choose-deployments.ts';
import { demandOf, hedgeTry, nextTry, withRoom, type NextTry } from './next-try.ts';
import { endDispatch } from './end-dispatch.ts';
import { ModelsInTurn } from './models-in-turn.ts';
import { noteFirstContent, noteOutcome } from './note-outcome.ts';
import { oneFailure } from '../fleet/health-effect.ts';
import { reservedTokens } from './reserved-tokens.ts';
import { withoutKey } from './without-key.ts';
import { sleep } from '../std/clock.ts';
import { abandoned, neverSent, type AttemptFailure } from '../policy/attempt-failure.ts';
import type { AttemptOpened, TokenUsage } from '../ledger/ledger.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { AnswerForm, RelayDependencies, RelayRequest } from './relay-request.ts';
import type { RoutedAttempt } from './request-routing.ts';
import type { KeyLease } from '../policy/key-pool.ts';
import type { WireUsage } from '../protocol/read-usage.ts';

export type AttemptEnd<Done> =
  | { readonly kind: 'complete'; readonly done: Done }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure }
  /** Nobody wanted it any more; `usage` where its endpoint was heard out, because it bills what it computes. */
  | { readonly kind: 'abandoned'; readonly usage: WireUsage | undefined };

export interface RunningAttempt<Done> {
  readonly ended: Promise<AttemptEnd<Done>>;
  readonly firstContentMs: number | undefined;
  /** Ends it because nobody wants it: at once, or, where `drainMs` is not 0, after its endpoint told its usage. */
  readonly abandon: (drainMs: number) => void;
  /** Ends it for a limit that the request as a whole has. */
  readonly expire: (what: string) => void;
}

/** One try as the loop sees it: whom, under which number, since when. */
export interface Try {
  readonly attemptId: string;
  readonly candidate: Candidate;
  readonly ordinal: number;
  /** Whether this request was sent to the same endpoint before, whose kept connections are suspect then. */
  readonly again: boolean;
  readonly startedMs: number;
}

/** What streamed and whole answers do differently. */
export interface LoopParts<Done> {
  /** Whether content was released: from then on only who can honestly continue is tried. */
  readonly begun: () => boolean;
  readonly continuer: (candidates: readonly Candidate[], failure: AttemptFailure | undefined) => Candidate | undefined;
  /** Whether the answer has all the tokens that it may have on this deployment, so that no attempt is needed. */
  readonly isAtLimit: (candidate: Candidate) => boolean;
  readonly start: (tried: Try) => RunningAttempt<Done>;
  /** Whether a whole answer ended with `stop` and says nothing. */
  readonly isEmpty: (attempt: RunningAttempt<Done>, done: Done) => boolean;
  /** What an attempt used, or undefined where it brought nothing that anybody told or counted. */
  readonly usageOf: (attemptId: string, end: AttemptEnd<Done>) => TokenUsage | undefined;
}

export type LoopEnd<Done> =
  | { readonly kind: 'complete'; readonly done: Done; readonly by: Try }
  | { readonly kind: 'at-limit' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly fault: Fault };

interface Running<Done> {
  readonly tried: Try;
  readonly attempt: RunningAttempt<Done>;
  /** The key that it was sent with, where its endpoint has any. */
  readonly lease: KeyLease | undefined;
  readonly routed: RoutedAttempt | undefined;
}

/** How long an endpoint that bills abandoned requests is heard out. */
const drainMs = 60_000;
const hedgeLost: AttemptFailure = { ...abandoned, what: 'another endpoint was faster' };

/**
 * The frame of every answer: chooses, tries one endpoint after another (or a second beside a slow first), and keeps
 * the ledger and the fleet told, until an attempt is complete, nobody is left, the client is gone or time is up.
 */
export class AttemptLoop<Done> {
  readonly book: AttemptBook;
  readonly #request: RelayRequest;
  readonly #deps: RelayDependencies;
  readonly #parts: LoopParts<Done>;
  readonly #tried: Candidate[] = [];
  readonly #models: ModelsInTurn;
  readonly #running = new Map<string, Running<Done>>();
  #winner: string | undefined;
  /** Ends a wait for parked endpoints early: nobody is left to wait for. */
  #wakeUp: AbortController | undefined;
  #waitedMs = 0;
  #stopped: 'no' | 'gone' | 'expired' = 'no';

  constructor(request: RelayRequest, deps: RelayDependencies, parts: LoopParts<Done>) {
    this.#request = request;
    this.#deps = deps;
    this.#parts = parts;
    this.#models = new ModelsInTurn(request);
    this.book = new AttemptBook(request, deps);
  }

  async run(onGone: (run: () => void) => void): Promise<LoopEnd<Done>> {
    const { clock, limits, retryBudget } = this.#deps;
    retryBudget.request(clock.nowMs());
    onGone(() => {
      this.#stopped = 'gone';
      this.#wakeUp?.abort();
      for (const { tried, attempt } of this.#running.values()) attempt.abandon(drainOf(tried));
    });
    const cancelTotal = clock.after(limits.totalTimeoutMs, () => {
      this.#stopped = 'expired';
      this.#wakeUp?.abort();
      for (const { attempt } of this.#running.values()) attempt.expire('the answer took longer than allowed in all');
    });
    try {
      return await this.#tryInTurn();
    } finally {
      cancelTotal();
    }
  }

  /** The attempt that brought content first; whoever runs beside it is abandoned, and what it still says is not heard. */
  wins(attemptId: string): void {
    const winning = this.#running.get(attemptId);
    if (winning !== undefined && this.#winner !== attemptId) {
      noteFirstContent(winning.tried.candidate, this.#deps);
      // Of a whole answer the first content that is seen is the last.
      if (this.#form === 'stream') winning.routed?.firstContent(this.#deps.clock.nowMs());
      if (winning.lease !== undefined) this.#deps.keys?.accepted(winning.tried.candidate.endpoint, winning.lease, this.#deps.clock.nowMs());
    }
    this.#winner = attemptId;
    for (const [id, { tried, attempt }] of this.#running) if (id !== attemptId) attempt.abandon(drainOf(tried));
  }

  async #tryInTurn(): Promise<LoopEnd<Done>> {
    let failure: AttemptFailure | undefined;
    let fault: Fault = { code: 'upstream_unreachable' };
    while (this.#stopped === 'no') {
      const next = this.#next(failure);
      if (next.kind === 'nobody') {
        fault = next.fault ?? fault;
        break;
      }
      if (next.kind === 'wait') {
        this.#waitedMs += next.waitMs;
        this.#wakeUp ??= new AbortController();
        await sleep(this.#deps.clock, next.waitMs, this.#wakeUp.signal);
        continue;
      }
      if (this.#parts.isAtLimit(next.candidate)) return { kind: 'at-limit' };
      const { end, tried } = await this.#raced(next.candidate);
      if (end.kind === 'complete') return { kind: 'complete', done: end.done, by: tried };
      if (end.kind === 'failed') {
        failure = end.failure;
        fault = failure.fault;
      }
    }
    return this.#stopped === 'gone' ? { kind: 'gone' } : { kind: 'failed', fault };
  }

  /** Whom to try now: before any content whoever fits; after it, only who can honestly continue. */
  #next(lastFailure: AttemptFailure | undefined): NextTry {
    const { limits } = this.#deps;
    const history = { tried: this.#tried, lastFailure, attemptsAllowed: limits.attemptsPerRequest, waitedMs: this.#waitedMs };
    if (!this.#parts.begun()) return this.#models.next((asking, hasStandIn) => nextTry(asking, { ...history, hasStandIn }, this.#deps));
    const asking = this.#models.current;
    const choice = chooseDeployments(withRoom(asking, this.#deps), demandOf(asking, this.#tried, this.#deps));
    const all = choice.kind === 'candidates' ? choice.candidates : [];
    const untried = all.filter(({ deployment }) => !this.#tried.some((past) => past.deployment.id === deployment.id));
    // Whom this answer already lost is asked again only where nobody else can go on.
    const candidate = this.#parts.continuer(untried, lastFailure) ?? this.#parts.continuer(all, lastFailure);
    return candidate === undefined ? { kind: 'nobody', fault: undefined } : { kind: 'candidate', candidate };
  }

  get #form(): AnswerForm {
    return this.#request.body.stream ? 'stream' : 'whole';
  }

  async #raced(candidate: Candidate): Promise<{ readonly end: AttemptEnd<Done>; readonly tried: Try }> {
    this.#winner = undefined;
    const continues = this.#parts.begun();
    const starting = this.#start(candidate, continues ? 'continuation' : this.#tried.length === 0 ? 'first' : 'failover');
    const first = starting instanceof Promise ? await starting : starting;
    const firstEnd = this.#settled(first);
    const delayMs = continues ? undefined : this.#deps.hedgeDelayMs(candidate, this.#form);
    const rival = delayMs === undefined ? undefined : await this.#rival(firstEnd, delayMs);
    if (rival === undefined) return { end: await firstEnd, tried: first.tried };
    const ends = [
      { tried: first.tried, end: firstEnd },
      { tried: rival.tried, end: this.#settled(rival) },
    ];
    return new Promise((resolve) => {
      let left = ends.length;
      for (const { tried, end } of ends)
        void end.then((ended) => {
          left -= 1;
          // A loser that is still heard out must not hold up what follows a winner's loss.
          if (ended.kind === 'complete' || this.#winner === tried.attemptId || left === 0) resolve({ end: ended, tried });
        });
    });
  }

  /** A second attempt beside the first, where that has brought nothing within the delay and another may be tried. */
  async #rival(firstEnd: Promise<unknown>, delayMs: number): Promise<Running<Done> | undefined> {
    let cancel = (): void => {};
    const due = new Promise<boolean>((resolve) => {
      cancel = this.#deps.clock.after(delayMs, () => resolve(true));
    });
    const isDue = await Promise.race([due, firstEnd.then(() => false)]);
    cancel();
    if (!isDue || this.#stopped !== 'no' || this.#winner !== undefined) return undefined;
    const candidate = hedgeTry(this.#models.current, { tried: this.#tried, attemptsAllowed: this.#deps.limits.attemptsPerRequest }, this.#deps);
    // A row that cannot be written costs the second attempt only.
    return candidate === undefined ? undefined : Promise.resolve(this.#start(candidate, 'hedge')).catch(() => undefined);
  }

  /** At once where the ledger has the attempt's row at once, as it mostly does. */
  #start(chosen: Candidate, reason: AttemptOpened['reason']): Running<Done> | Promise<Running<Done>> {
    const { clock, keys, routing } = this.#deps;
    const { ask } = this.#request;
    // In the turn in which it was chosen, so that nobody else takes the room that the choice saw.
    const lease = keys?.take(chosen.endpoint, reservedTokens(this.#request), clock.nowMs());
    const candidate = lease === undefined ? chosen : { ...chosen, endpoint: { ...chosen.endpoint, key: lease.key } };
    const { attemptId, written } = this.book.open(candidate, reason);
    const routed = ask && routing?.dispatched(attemptId, chosen, ask, clock.nowMs());
    if (written === undefined) return this.#dispatch(candidate, lease, routed, attemptId);
    return written.then(
      () => this.#dispatch(candidate, lease, routed, attemptId),
      (error: unknown) => {
        routed?.ended({ kind: 'refused' }, clock.nowMs());
        if (lease !== undefined) keys?.ended(candidate.endpoint, lease, neverSent, undefined, clock.nowMs());
        throw error;
      },
    );
  }

  #dispatch(candidate: Candidate, lease: KeyLease | undefined, routed: RoutedAttempt | undefined, attemptId: string): Running<Done> {
    const again = this.#tried.some(({ endpoint }) => endpoint.id === candidate.endpoint.id);
    this.#tried.push(candidate);
    const tried = { attemptId, candidate, ordinal: this.book.attempts, again, startedMs: this.#deps.clock.nowMs() };
    // The client may have left, time run out, or the race been won, while the row was written.
    const wanted = this.#stopped === 'no' && this.#winner === undefined;
    if (wanted) this.#deps.fleet.began(candidate.endpoint.id);
    const running = { tried, lease, routed, attempt: wanted ? this.#parts.start(tried) : neverStarted };
    this.#running.set(attemptId, running);
    return running;
  }

  /** The attempt's end, after the ledger and the fleet were told of it. */
  async #settled({ tried, attempt, lease, routed }: Running<Done>): Promise<AttemptEnd<Done>> {
    const { clock, fleet, keys } = this.#deps;
    const { attemptId, candidate, startedMs } = tried;
    if (attempt === neverStarted) {
      this.#running.delete(attemptId);
      routed?.ended({ kind: 'refused' }, clock.nowMs());
      if (lease !== undefined) keys?.ended(candidate.endpoint, lease, neverSent, undefined, clock.nowMs());
      this.book.failed(attemptId, neverSent, { ttftMs: undefined, durationMs: 0 });
      return attempt.ended;
    }
    const told = await attempt.ended;
    const ended: AttemptEnd<Done> = told.kind === 'failed' ? { kind: 'failed', failure: withoutKey(told.failure, candidate.endpoint.key) } : told;
    const usage = this.#parts.usageOf(attemptId, ended);
    const end = this.#byKey(candidate, lease, this.#judged(candidate, attempt, ended), usage);
    this.#running.delete(attemptId);
    fleet.ended(candidate.endpoint.id);
    if (routed !== undefined) endDispatch(routed, end, usage, usage && this.book.usdOf(usage, candidate), clock.nowMs());
    const ttftMs = attempt.firstContentMs === undefined ? undefined : attempt.firstContentMs - startedMs;
    if (end.kind !== 'abandoned') noteOutcome(candidate, end.kind === 'failed' ? end.failure : undefined, this.#deps);
    const times = { ttftMs, durationMs: clock.nowMs() - startedMs };
    const heardMs = ttftMs ?? (end.kind === 'complete' ? times.durationMs : undefined);
    if (heardMs !== undefined) this.#deps.heardFirst(candidate, this.#form, heardMs);
    const failure = end.kind === 'failed' ? end.failure : this.#stopped === 'no' ? hedgeLost : abandoned;
    if (usage === undefined) this.book.failed(attemptId, failure, times);
    else this.book.settled(attemptId, candidate, end.kind === 'complete' ? 'ok' : failure.fault.code, usage, times);
    return end;
  }

  /** Settles what was reserved of the key's limits. A fault of the key alone is none of its endpoint. */
  #byKey({ endpoint }: Candidate, lease: KeyLease | undefined, end: AttemptEnd<Done>, usage: TokenUsage | undefined): AttemptEnd<Done> {
    const { clock, keys } = this.#deps;
    if (lease === undefined || keys === undefined) return end;
    const failure = end.kind === 'failed' ? end.failure : undefined;
    keys.ended(endpoint, lease, failure, usage === undefined ? undefined : usage.inputTokens + usage.outputTokens, clock.nowMs());
    if (end.kind === 'complete') keys.accepted(endpoint, lease, clock.nowMs());
    return failure === undefined ? end : { kind: 'failed', failure: keys.judge(endpoint, lease, failure, clock.nowMs()) };
  }

  /** One empty answer is legal and passes; of a deployment that gives many, another endpoint is asked instead (fault 66). */
  #judged(candidate: Candidate, attempt: RunningAttempt<Done>, end: AttemptEnd<Done>): AttemptEnd<Done> {
    if (end.kind !== 'complete') return end;
    const how = this.#parts.isEmpty(attempt, end.done) ? 'empty' : 'said';
    const verdict = this.#deps.emptyAnswers.heard(candidate.deployment.id, how, this.#deps.clock.nowMs());
    return verdict === 'passes' ? end : { kind: 'failed', failure: oneOfManyEmpty };
  }
}

const oneOfManyEmpty: AttemptFailure = {
  class: 'upstream-fault',
  fault: { code: 'upstream_empty_response' },
  what: 'one more answer without a word',
  health: oneFailure,
};

const neverStarted: RunningAttempt<never> = {
  ended: Promise.resolve({ kind: 'abandoned', usage: undefined }),
  firstContentMs: undefined,
  abandon: () => {},
  expire: () => {},
};

function drainOf({ candidate }: Try): number {
  return candidate.endpoint.billsAbandoned ? drainMs : 0;
}
