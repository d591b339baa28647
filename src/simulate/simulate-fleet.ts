import { EventHeap } from './event-heap.ts';
import { FaultSchedule, type DueFault } from './fault/fault-schedule.ts';
import { Job } from './replica/job.ts';
import { SimulatedPlace } from './simulated-place.ts';
import { seededRandom, type Random } from '../std/random.ts';
import { Tally } from './tally/tally.ts';
import type { Arrival, RefusalKind, Router } from './router.ts';
import type { Fault } from './fault/fault.ts';
import type { FleetSpec, SloClass } from './fleet-spec.ts';
import type { Outcome } from './tally/outcome.ts';
import { warmUpClass, type Trace, type TraceRequest } from './trace/trace.ts';

export interface SimulationOptions {
  readonly fleet: FleetSpec;
  readonly trace: Trace;
  readonly router: Router;
  readonly faults?: readonly Fault[];
  readonly seed: number;
  /** How often the engines' gauges are read (default 200 ms, as routers inside a cluster do). */
  readonly scrapeMs?: number;
  /** Tries of one request, the first included, continuations after a loss not counted (production's default). */
  readonly attempts?: number;
  readonly continuations?: number;
  readonly onOutcome?: (outcome: Outcome) => void;
}

export interface SimulationResult {
  readonly tally: Tally;
  readonly places: readonly SimulatedPlace[];
  /** When the last event was. */
  readonly endMs: number;
  /** Engine events that were worked off. */
  readonly events: number;
}

const noClass: SloClass = { name: 'none', ttftMs: Infinity, tpotMs: Infinity };

/** Runs a trace through a fleet under virtual time: the same seed gives the same events, to the last bit. */
export function simulateFleet(options: SimulationOptions): SimulationResult {
  return new FleetSimulation(options).run();
}

class FleetSimulation {
  readonly #options: SimulationOptions;
  readonly #places: readonly SimulatedPlace[];
  readonly #heap: EventHeap;
  readonly #faults: FaultSchedule;
  readonly #tally: Tally;
  readonly #random: Random;
  readonly #sloClasses: ReadonlyMap<string, SloClass>;
  readonly #scrapeMs: number;
  readonly #attempts: number;
  readonly #continuations: number;
  #nextScrapeMs = 0;
  #arrivals = 0;
  #underWay = 0;
  #events = 0;
  #nowMs = 0;

  constructor(options: SimulationOptions) {
    const { fleet, faults = [], seed } = options;
    this.#options = options;
    this.#random = seededRandom(seed);
    this.#places = fleet.replicas.map((spec, index) => this.#placeOf(spec, index));
    this.#heap = new EventHeap(this.#places.length);
    this.#faults = new FaultSchedule(faults, fleet.replicas, seededRandom(seed + 1));
    this.#tally = new Tally(fleet);
    this.#sloClasses = new Map(fleet.sloClasses.map((slo) => [slo.name, slo]));
    this.#scrapeMs = options.scrapeMs ?? 200;
    this.#attempts = options.attempts ?? 3;
    this.#continuations = options.continuations ?? 2;
  }

  run(): SimulationResult {
    let next = this.#options.trace.next();
    while (next.done !== true || this.#underWay > 0) {
      const arrivalMs = next.done === true ? Infinity : next.value.atMs;
      const faultMs = this.#faults.nextMs;
      const eventMs = Math.min(arrivalMs, faultMs, this.#heap.firstMs);
      // Only replicas that never come back could hold jobs without an event, and they give theirs back.
      if (eventMs === Infinity) throw new Error(`${this.#underWay} requests are under way and nothing will happen.`);
      if (eventMs < this.#nowMs) throw new Error(`Time would run backwards, from ${this.#nowMs} to ${eventMs}.`);
      this.#nowMs = eventMs;
      if (faultMs === eventMs) for (const due of this.#faults.take(eventMs)) this.#strike(due);
      else if (this.#heap.firstMs === eventMs) this.#advance(this.#heap.firstPlace);
      else if (next.done !== true) {
        this.#arrive(next.value);
        next = this.#options.trace.next();
      }
    }
    return { tally: this.#tally, places: this.#places, endMs: this.#nowMs, events: this.#events };
  }

  #placeOf(spec: FleetSpec['replicas'][number], index: number): SimulatedPlace {
    const place: SimulatedPlace = new SimulatedPlace(
      index,
      spec,
      {
        gaveFirstToken: (job, atMs) => this.#firstToken(job, place, atMs),
        finished: (job, atMs) => this.#finished(job, place, atMs),
        outgrew: (job) => this.#refuse(job, place, 'too-large'),
      },
      this.#random,
    );
    return place;
  }

  #advance(index: number): void {
    const place = this.#placeAt(index);
    this.#events += 1;
    place.engine.advance(this.#nowMs);
    this.#heap.set(index, place.engine.nextEventMs);
  }

  #arrive(request: TraceRequest): void {
    // Member by member: spreading would copy the answer's length too, and costs more than all else here.
    const arrival: Arrival = {
      id: this.#arrivals,
      atMs: request.atMs,
      model: request.model,
      promptTokens: request.promptTokens,
      maxTokens: request.maxTokens,
      prefixHashes: request.prefixHashes,
      prefixBlockTokens: request.prefixBlockTokens,
      sloClass: request.sloClass,
    };
    this.#arrivals += 1;
    this.#underWay += 1;
    this.#route(new Job(arrival, Math.max(1, request.outputTokens)));
  }

  /** Asks the router until somebody takes the job, or nobody is left to ask. */
  #route(job: Job): void {
    if (this.#nowMs >= this.#nextScrapeMs) this.#scrape();
    for (const place of this.#places) place.refresh(this.#nowMs);
    const fleet = job.refusedBy === undefined ? this.#places : this.#places.filter(({ index }) => job.refusedBy?.includes(index) !== true);
    const chosen = this.#options.router.choose(job.arrival, fleet, this.#nowMs);
    if (chosen === undefined || job.attempts >= this.#attempts + job.losses) return this.#end(job, undefined, 'refused');
    this.#dispatch(job, this.#placeAt(chosen.index));
  }

  #dispatch(job: Job, place: SimulatedPlace): void {
    job.attempts += 1;
    job.dispatchedMs = this.#nowMs;
    job.scheduledMs = -1;
    job.attemptTokenMs = -1;
    place.claimTrial(this.#nowMs);
    place.running += 1;
    this.#options.router.dispatched?.(job.arrival, place, this.#nowMs);
    if (!place.isUp) return this.#refuse(job, place, 'lost');
    if (place.refusedShare > 0 && this.#random() < place.refusedShare) return this.#refuse(job, place, 'busy');
    if (place.engine.waitingCount >= place.spec.maxWaiting) return this.#refuse(job, place, 'busy');
    if (!place.engine.fits(job)) return this.#refuse(job, place, 'too-large');
    place.engine.enqueue(job, this.#nowMs);
    this.#heap.set(place.index, place.engine.nextEventMs);
  }

  #refuse(job: Job, place: SimulatedPlace, why: RefusalKind): void {
    place.running -= 1;
    if (why === 'busy') place.failed(place.retryAfterMs, this.#nowMs);
    if (why === 'lost') place.failed(undefined, this.#nowMs);
    this.#options.router.refused?.(job.arrival, place, why, this.#nowMs);
    (job.refusedBy ??= []).push(place.index);
    this.#route(job);
  }

  #firstToken(job: Job, place: SimulatedPlace, atMs: number): void {
    if (job.firstTokenMs < 0) job.firstTokenMs = atMs;
    if (job.attemptTokenMs >= 0) return;
    job.attemptTokenMs = atMs;
    place.answering(atMs);
    this.#options.router.firstToken?.(job.arrival, place, atMs - job.dispatchedMs, atMs);
  }

  #finished(job: Job, place: SimulatedPlace, atMs: number): void {
    place.running -= 1;
    place.succeeded(atMs);
    this.#options.router.finished?.(
      job.arrival,
      place,
      {
        outputTokens: job.outputTokens,
        cachedTokens: job.cachedTokens,
        ttftMs: job.attemptTokenMs - job.dispatchedMs,
        durationMs: atMs - job.dispatchedMs,
      },
      atMs,
    );
    this.#end(job, place, 'finished', atMs);
  }

  #end(job: Job, place: SimulatedPlace | undefined, kind: Outcome['kind'], atMs = this.#nowMs): void {
    const { arrival, outputTokens } = job;
    this.#underWay -= 1;
    const slo = this.#sloClasses.get(arrival.sloClass) ?? noClass;
    const ttftMs = job.firstTokenMs - arrival.atMs;
    const tpotMs = outputTokens > 1 ? (atMs - job.firstTokenMs) / (outputTokens - 1) : 0;
    const totalMs = atMs - arrival.atMs;
    const outcome: Outcome = {
      arrival,
      kind,
      replica: place?.index,
      outputTokens: kind === 'finished' ? outputTokens : job.generated,
      cachedTokens: job.cachedTokens,
      queuedMs: job.scheduledMs < 0 ? 0 : job.scheduledMs - job.dispatchedMs,
      ttftMs,
      tpotMs,
      totalMs,
      isGood: kind === 'finished' && ttftMs <= slo.ttftMs && tpotMs <= slo.tpotMs && totalMs <= (slo.totalMs ?? Infinity),
      usd: place === undefined ? undefined : costUsd(job, place),
      attempts: job.attempts,
      losses: job.losses,
    };
    if (arrival.sloClass !== warmUpClass) this.#tally.add(outcome);
    this.#options.onOutcome?.(outcome);
  }

  #strike({ replica, action }: DueFault): void {
    const place = this.#placeAt(replica);
    const nowMs = this.#nowMs;
    switch (action.kind) {
      case 'lose':
        return this.#lose(place);
      case 'start':
        place.state = 'starting';
        return;
      case 'ready':
        return place.ready();
      case 'slow':
        place.slowFactor = action.factor;
        place.engine.setSpeedFactor(place.speedFactor, nowMs);
        break;
      case 'drift':
        place.driftFactor = action.factor;
        place.engine.setSpeedFactor(place.speedFactor, nowMs);
        break;
      case 'refuse':
        place.refusedShare = action.share;
        place.retryAfterMs = action.retryAfterMs;
        break;
      case 'keep-kv':
        place.engine.setCapacity(Math.floor(place.spec.shape.capacityBlocks * action.share), nowMs);
        break;
    }
    this.#heap.set(replica, place.engine.nextEventMs);
  }

  /** What ran there goes on elsewhere from what was generated, as often as production continues an answer. */
  #lose(place: SimulatedPlace): void {
    place.isUp = false;
    const jobs = place.engine.lose(this.#nowMs);
    this.#heap.set(place.index, Infinity);
    for (const job of jobs) {
      place.running -= 1;
      place.failed(undefined, this.#nowMs);
      this.#options.router.refused?.(job.arrival, place, 'lost', this.#nowMs);
      job.losses += 1;
      job.refusedBy = [place.index];
      if (job.losses > this.#continuations) this.#end(job, undefined, 'refused');
      else this.#route(job);
    }
  }

  #scrape(): void {
    for (const place of this.#places) place.scrape(this.#nowMs);
    this.#nextScrapeMs = this.#nowMs + this.#scrapeMs;
  }

  #placeAt(index: number): SimulatedPlace {
    const place = this.#places[index];
    if (place === undefined) throw new RangeError(`There is no replica ${index}.`);
    return place;
  }
}

/** By the place where it ended; undefined without a price (fault 96). */
function costUsd(job: Job, { spec: { price } }: SimulatedPlace): number | undefined {
  if (price === undefined) return undefined;
  const fresh = job.arrival.promptTokens - job.cachedTokens;
  return (fresh * price.inputUsdPerMtok + job.cachedTokens * price.cachedInputUsdPerMtok + job.outputTokens * price.outputUsdPerMtok) / 1_000_000;
}
