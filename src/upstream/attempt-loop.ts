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
import { abandoned, neverSent, type AttemptFailure } from '../policy/attempt-failure.ts';
import type { AttemptOpened, TokenUsage } from '../ledger/ledger.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { Wait } from '../std/shared-timeout.ts';
import type { AnswerForm, RelayDependencies, RelayRequest } from './relay-request.ts';
import type { RoutedAttempt } from './request-routing.ts';
import type { KeyLease } from '../policy/key-pool.ts';
import type { WireUsage } from '../protocol/read-usage.ts';

export type AttemptEnd<Done> =
  | { readonly kind: 'complete'; readonly done: Done }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure }
  /** Nobody wanted it any more; `usage` where its endpoint was heard out, because it bills what it computes. */
  | { readonly kind: 'abandoned'; readonly usage: WireUsage | undefined };

export interface RunningAttempt {
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
  /** `ended` hears the attempt's end, once. */
  readonly start: (tried: Try, ended: (end: AttemptEnd<Done>) => void) => RunningAttempt;
  /** Whether a whole answer ended with `stop` and says nothing. */
  readonly isEmpty: (done: Done, firstContentMs: number | undefined) => boolean;
  /** What an attempt used, or undefined where it brought nothing that anybody told or counted. */
  readonly usageOf: (attemptId: string, end: AttemptEnd<Done>) => TokenUsage | undefined;
}

export type LoopEnd<Done> =
  | { readonly kind: 'complete'; readonly done: Done; readonly by: Try; readonly usage: TokenUsage | undefined }
  | { readonly kind: 'at-limit' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly fault: Fault };

/** Attempts for the same piece of an answer: one, and at most one beside it. */
interface Race<Done> {
  /** Those that have not ended, or are not written down yet. */
  left: number;
  isOver: boolean;
  /** Of a race that goes on: how the other one ended. */
  lost: AttemptEnd<Done> | undefined;
  cancelHedge: (() => void) | undefined;
}

interface Running<Done> {
  readonly tried: Try;
  /** Undefined until it is sent. */
  attempt: RunningAttempt | undefined;
  /** The key that it was sent with, where its endpoint has any. */
  readonly lease: KeyLease | undefined;
  readonly routed: RoutedAttempt | undefined;
  readonly race: Race<Done>;
}

/** How long an endpoint that bills abandoned requests is heard out. */
const drainMs = 60_000;
const hedgeLost: AttemptFailure = { ...abandoned, what: 'another endpoint was faster' };

/**
 * The frame of every answer: chooses, tries one endpoint after another (or a second beside a slow first), and keeps
 * the ledger and the fleet told, until an attempt is complete, nobody is left, the client is gone or time is up. It goes
 * from one step to the next by itself, so that a request which nothing holds up waits for its endpoint alone.
 */
export class AttemptLoop<Done> {
  readonly book: AttemptBook;
  readonly #request: RelayRequest;
  readonly #deps: RelayDependencies;
  readonly #parts: LoopParts<Done>;
  readonly #form: AnswerForm;
  readonly #tried: Candidate[] = [];
  readonly #models: ModelsInTurn;
  /** Nearly always one. */
  readonly #running: Running<Done>[] = [];
  #winner: string | undefined;
  #failure: AttemptFailure | undefined;
  #fault: Fault = { code: 'upstream_unreachable' };
  /** Ends a wait for parked endpoints early: nobody is left to wait for. */
  #wakeUp: (() => void) | undefined;
  #waitedMs = 0;
  #stopped: 'no' | 'gone' | 'expired' | 'broken' = 'no';
  /** For the time that the whole may take. */
  #total: Wait | undefined;
  #over: (end: LoopEnd<Done>) => void = () => {};
  #broken: (error: unknown) => void = () => {};

  constructor(request: RelayRequest, deps: RelayDependencies, parts: LoopParts<Done>) {
    this.#request = request;
    this.#deps = deps;
    this.#parts = parts;
    this.#form = request.body.stream ? 'stream' : 'whole';
    this.#models = new ModelsInTurn(request);
    this.book = new AttemptBook(request, deps);
  }

  /** One of `over` and `broken`, a failure of our own, is told once; what `over` throws is such a failure. */
  run(onGone: (run: () => void) => void, over: (end: LoopEnd<Done>) => void, broken: (error: unknown) => void): void {
    const { clock, totalTimeout, retryBudget } = this.#deps;
    this.#over = over;
    this.#broken = broken;
    const nowMs = clock.nowMs();
    retryBudget.request(nowMs);
    onGone(() => {
      this.#stop('gone');
      for (const { tried, attempt } of this.#running) attempt?.abandon(drainOf(tried));
    });
    this.#total = totalTimeout.begin(nowMs, () => {
      this.#stop('expired');
      for (const { attempt } of this.#running) attempt?.expire('the answer took longer than allowed in all');
    });
    this.#goOn(nowMs);
  }

  /** The attempt that brought content first; whoever runs beside it is abandoned, and what it still says is not heard. */
  wins(attemptId: string): void {
    if (this.#winner !== attemptId) for (const running of this.#running) if (running.tried.attemptId === attemptId) this.#noteFirst(running);
    this.#winner = attemptId;
    for (const { tried, attempt } of this.#running) if (tried.attemptId !== attemptId) attempt?.abandon(drainOf(tried));
  }

  #noteFirst({ tried: { candidate }, routed, lease }: Running<Done>): void {
    const { clock, fleet, keys } = this.#deps;
    const nowMs = clock.nowMs();
    noteFirstContent(candidate, fleet, nowMs);
    // Of a whole answer the first content that is seen is the last.
    if (this.#form === 'stream') routed?.firstContent(nowMs);
    if (lease !== undefined) keys?.accepted(candidate.endpoint, lease, nowMs);
  }

  #stop(why: 'gone' | 'expired'): void {
    this.#stopped = why;
    this.#wakeUp?.();
  }

  /** Ends the whole with a failure of our own. What runs still is settled when it ends. */
  #break(error: unknown): void {
    this.#stopped = 'broken';
    if (this.#total !== undefined) this.#deps.totalTimeout.end(this.#total);
    this.#broken(error);
  }

  #finish(end: LoopEnd<Done>): void {
    if (this.#total !== undefined) this.#deps.totalTimeout.end(this.#total);
    this.#over(end);
  }

  /** The next try, or the end. */
  #goOn(nowMs = this.#deps.clock.nowMs()): void {
    try {
      if (this.#stopped === 'gone') return this.#finish({ kind: 'gone' });
      if (this.#stopped !== 'no') return this.#finish({ kind: 'failed', fault: this.#fault });
      const next = this.#next(this.#failure, nowMs);
      if (next.kind === 'nobody') return this.#finish({ kind: 'failed', fault: next.fault ?? this.#fault });
      if (next.kind === 'wait') return this.#wait(next.waitMs);
      if (this.#parts.isAtLimit(next.candidate)) return this.#finish({ kind: 'at-limit' });
      this.#winner = undefined;
      const reason = this.#parts.begun() ? 'continuation' : this.#tried.length === 0 ? 'first' : 'failover';
      this.#start(next.candidate, reason, { left: 1, isOver: false, lost: undefined, cancelHedge: undefined }, nowMs);
    } catch (error) {
      this.#break(error);
    }
  }

  #wait(waitMs: number): void {
    this.#waitedMs += waitMs;
    const goOn = (): void => {
      this.#wakeUp = undefined;
      cancel();
      this.#goOn();
    };
    const cancel = this.#deps.clock.after(waitMs, goOn);
    this.#wakeUp = goOn;
  }

  /** Whom to try now: before any content whoever fits; after it, only who can honestly continue. */
  #next(lastFailure: AttemptFailure | undefined, nowMs: number): NextTry {
    const { limits } = this.#deps;
    if (!this.#parts.begun()) {
      const history = { tried: this.#tried, lastFailure, attemptsAllowed: limits.attemptsPerRequest, waitedMs: this.#waitedMs };
      return this.#models.next((asking, hasStandIn) => nextTry(asking, history, hasStandIn, this.#deps, nowMs));
    }
    const asking = this.#models.current;
    const choice = chooseDeployments(withRoom(asking, this.#deps, nowMs), demandOf(asking, this.#tried, this.#deps, nowMs));
    const all = choice.kind === 'candidates' ? choice.candidates : [];
    const untried = all.filter(({ deployment }) => !this.#tried.some((past) => past.deployment.id === deployment.id));
    // Whom this answer already lost is asked again only where nobody else can go on.
    const candidate = this.#parts.continuer(untried, lastFailure) ?? this.#parts.continuer(all, lastFailure);
    return candidate === undefined ? { kind: 'nobody', fault: undefined } : { kind: 'candidate', candidate };
  }

  /** Sends once the ledger has the attempt's row, as it mostly does with the turn in which it was chosen. */
  #start(chosen: Candidate, reason: AttemptOpened['reason'], race: Race<Done>, nowMs: number): void {
    const { clock, fleet, keys, routing } = this.#deps;
    const { ask } = this.#request;
    // In the turn in which it was chosen, so that nobody else takes the room that the choice saw.
    const lease = keys?.take(chosen.endpoint, reservedTokens(this.#request), nowMs);
    const candidate = lease === undefined ? chosen : { ...chosen, endpoint: { ...chosen.endpoint, key: lease.key } };
    fleet.began(candidate.endpoint.id);
    const { attemptId, written } = this.book.open(candidate, reason);
    const routed = ask && routing?.dispatched(attemptId, chosen, ask, nowMs);
    const refused = (error: unknown): void => {
      fleet.ended(candidate.endpoint.id);
      routed?.ended({ kind: 'refused' }, clock.nowMs());
      if (lease !== undefined) keys?.ended(candidate.endpoint, lease, neverSent, undefined, clock.nowMs());
      if (reason !== 'hedge') throw error;
      // A row that cannot be written costs the second attempt only.
      race.left -= 1;
      if (race.left === 0 && race.lost !== undefined) this.#goOnAfter(race, race.lost);
    };
    void written.then(
      () => this.#step(() => this.#dispatch(candidate, reason, lease, routed, race, attemptId)),
      (error: unknown) => this.#step(() => refused(error)),
    );
  }

  /** What a step throws ends the whole. */
  #step(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#break(error);
    }
  }

  #dispatch(
    candidate: Candidate,
    reason: AttemptOpened['reason'],
    lease: KeyLease | undefined,
    routed: RoutedAttempt | undefined,
    race: Race<Done>,
    attemptId: string,
  ): void {
    const again = this.#tried.some(({ endpoint }) => endpoint.id === candidate.endpoint.id);
    this.#tried.push(candidate);
    const tried = { attemptId, candidate, ordinal: this.book.attempts, again, startedMs: this.#deps.clock.nowMs() };
    const running: Running<Done> = { tried, attempt: undefined, lease, routed, race };
    // The client may have left, time run out, or the race been won, while the row was written.
    if (this.#stopped !== 'no' || this.#winner !== undefined || race.isOver) return this.#dropped(running);
    this.#running.push(running);
    if (reason === 'first' || reason === 'failover') this.#hedgeLater(candidate, race);
    running.attempt = this.#parts.start(tried, (end) => this.#ended(running, end));
  }

  /** An attempt that was written down and is not sent. */
  #dropped({ tried: { attemptId, candidate }, lease, routed, race }: Running<Done>): void {
    const { clock, fleet, keys } = this.#deps;
    fleet.ended(candidate.endpoint.id);
    routed?.ended({ kind: 'refused' }, clock.nowMs());
    if (lease !== undefined) keys?.ended(candidate.endpoint, lease, neverSent, undefined, clock.nowMs());
    this.book.failed(attemptId, neverSent, { ttftMs: undefined, durationMs: 0 });
    this.#leave(race, attemptId, unwanted);
  }

  /** A second attempt beside the first, where that has brought nothing within the delay and another may be tried. */
  #hedgeLater(first: Candidate, race: Race<Done>): void {
    const { clock, limits } = this.#deps;
    const delayMs = this.#deps.hedgeDelayMs(first, this.#form);
    if (delayMs === undefined) return;
    race.cancelHedge = clock.after(delayMs, () => {
      if (this.#stopped !== 'no' || this.#winner !== undefined) return;
      this.#step(() => {
        const nowMs = clock.nowMs();
        const history = { tried: this.#tried, attemptsAllowed: limits.attemptsPerRequest };
        const candidate = hedgeTry(this.#models.current, history, this.#deps, nowMs);
        if (candidate === undefined) return;
        race.left += 1;
        this.#start(candidate, 'hedge', race, nowMs);
      });
    });
  }

  /**
   * A complete answer goes on its way at once. Whatever else befalls an attempt is told once its transport has done what
   * it does then, because another try may follow by the same one.
   */
  #ended(running: Running<Done>, told: AttemptEnd<Done>): void {
    if (told.kind === 'complete') this.#settle(running, told);
    else queueMicrotask(() => this.#settle(running, told));
  }

  #settle(running: Running<Done>, told: AttemptEnd<Done>): void {
    this.#step(() => this.#settled(running, told));
  }

  /** Tells the ledger and the fleet of an attempt's end, and goes on from there. */
  #settled(running: Running<Done>, told: AttemptEnd<Done>): void {
    const { clock, fleet } = this.#deps;
    const { tried, attempt, lease, routed } = running;
    const { attemptId, candidate, startedMs } = tried;
    const firstContentMs = attempt?.firstContentMs;
    const nowMs = clock.nowMs();
    const ended: AttemptEnd<Done> = told.kind === 'failed' ? { kind: 'failed', failure: withoutKey(told.failure, candidate.endpoint.key) } : told;
    const usage = this.#parts.usageOf(attemptId, ended);
    const end = this.#byKey(candidate, lease, this.#judged(candidate, firstContentMs, ended, nowMs), usage, nowMs);
    if (this.#running.at(-1) === running) this.#running.pop();
    else this.#running.splice(this.#running.indexOf(running), 1);
    fleet.ended(candidate.endpoint.id);
    if (routed !== undefined) endDispatch(routed, end, usage, usage && this.book.usdOf(usage, candidate), nowMs);
    const ttftMs = firstContentMs === undefined ? undefined : firstContentMs - startedMs;
    if (end.kind !== 'abandoned') noteOutcome(candidate, end.kind === 'failed' ? end.failure : undefined, this.#deps, nowMs);
    const times = { ttftMs, durationMs: nowMs - startedMs };
    const heardMs = ttftMs ?? (end.kind === 'complete' ? times.durationMs : undefined);
    if (heardMs !== undefined) this.#deps.heardFirst(candidate, this.#form, heardMs);
    const failure = end.kind === 'failed' ? end.failure : this.#stopped === 'no' ? hedgeLost : abandoned;
    if (usage === undefined) this.book.failed(attemptId, failure, times);
    else this.book.settled(attemptId, candidate, end.kind === 'complete' ? 'ok' : failure.fault.code, usage, times);
    if (end.kind !== 'complete' || running.race.isOver) return this.#leave(running.race, attemptId, end);
    endRace(running.race);
    this.#finish({ kind: 'complete', done: end.done, by: tried, usage });
  }

  /** An attempt that brought no answer leaves its race. A loser that is still heard out must not hold up what follows a winner's loss. */
  #leave(race: Race<Done>, attemptId: string, end: AttemptEnd<Done>): void {
    race.left -= 1;
    if (race.isOver) return;
    if (race.left === 0 || this.#winner === attemptId) this.#goOnAfter(race, end);
    else race.lost = end;
  }

  #goOnAfter(race: Race<Done>, end: AttemptEnd<Done>): void {
    endRace(race);
    if (end.kind === 'failed') {
      this.#failure = end.failure;
      this.#fault = end.failure.fault;
    }
    queueMicrotask(() => this.#goOn());
  }

  /** Settles what was reserved of the key's limits. A fault of the key alone is none of its endpoint. */
  #byKey(
    { endpoint }: Candidate,
    lease: KeyLease | undefined,
    end: AttemptEnd<Done>,
    usage: TokenUsage | undefined,
    nowMs: number,
  ): AttemptEnd<Done> {
    const { keys } = this.#deps;
    if (lease === undefined || keys === undefined) return end;
    const failure = end.kind === 'failed' ? end.failure : undefined;
    keys.ended(endpoint, lease, failure, usage === undefined ? undefined : usage.inputTokens + usage.outputTokens, nowMs);
    if (end.kind === 'complete') keys.accepted(endpoint, lease, nowMs);
    return failure === undefined ? end : { kind: 'failed', failure: keys.judge(endpoint, lease, failure, nowMs) };
  }

  /** One empty answer is legal and passes; of a deployment that gives many, another endpoint is asked instead (fault 66). */
  #judged(candidate: Candidate, firstContentMs: number | undefined, end: AttemptEnd<Done>, nowMs: number): AttemptEnd<Done> {
    if (end.kind !== 'complete') return end;
    const how = this.#parts.isEmpty(end.done, firstContentMs) ? 'empty' : 'said';
    const verdict = this.#deps.emptyAnswers.heard(candidate.deployment.id, how, nowMs);
    return verdict === 'passes' ? end : { kind: 'failed', failure: oneOfManyEmpty };
  }
}

const oneOfManyEmpty: AttemptFailure = {
  class: 'upstream-fault',
  fault: { code: 'upstream_empty_response' },
  what: 'one more answer without a word',
  health: oneFailure,
};

const unwanted = { kind: 'abandoned', usage: undefined } as const;

function endRace(race: Race<unknown>): void {
  race.isOver = true;
  race.cancelHedge?.();
}

function drainOf({ candidate }: Try): number {
  return candidate.endpoint.billsAbandoned ? drainMs : 0;
}
