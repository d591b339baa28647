import { FinishHeap } from './finish-heap.ts';
import { GrowthPhases } from './growth-phases.ts';
import { JobList } from './job-list.ts';
import { JobQueue } from './job-queue.ts';
import { KvMemory, type KvShape } from './kv-memory.ts';
import { StepPlan } from './step-plan.ts';
import type { Job } from './job.ts';
import type { DecodeLine, StepModel, StepWork } from '../step/step-model.ts';

export interface ReplicaShape extends KvShape {
  readonly stepModel: StepModel;
  /** Sequences in one batch at most (vLLM's `max_num_seqs`). */
  readonly maxSequences: number;
  /** Tokens in one step at most: decodes first, prompts with what they leave (vLLM's `max_num_batched_tokens`). */
  readonly maxBatchTokens: number;
  /** Whether a prompt is admitted only where all of it fits now, instead of its first chunk. */
  readonly reservesWholePrompt: boolean;
}

/** Told what happened to jobs, in the order of time. */
export interface ReplicaListener {
  readonly gaveFirstToken: (job: Job, atMs: number) => void;
  readonly finished: (job: Job, atMs: number) => void;
  /** The memory has become too small for it. */
  readonly outgrew: (job: Job, atMs: number) => void;
}

/**
 * One engine with continuous batching, step by step as vLLM's scheduler does it: decodes first, then prompts that were
 * begun, then new ones, in chunks of what the step's budget leaves; where memory runs out the last admitted job gives
 * way and is computed anew. While nothing but decoding goes on, any number of steps is one event: lengths are
 * arithmetic series, finishes stand in a heap, and block needs are counted by phase.
 */
export class BatchingReplica {
  readonly memory: KvMemory;
  readonly #shape: ReplicaShape;
  readonly #listener: ReplicaListener;
  readonly #waiting = new JobQueue();
  readonly #running = new JobList();
  readonly #finishes = new FinishHeap();
  readonly #phases: GrowthPhases;
  #prefilling: Job[] = [];
  readonly #plan = new StepPlan();
  readonly #work: StepWork = { prefillTokens: 0, prefillPairs: 0, prefillContextTokens: 0, decodeSequences: 0, residentKvTokens: 0 };
  readonly #line: DecodeLine = { baseMs: 0, perKvTokenMs: 0, untilKvTokens: 0 };
  #growthTaken = false;
  #step = 0;
  /** Tokens that the decoding jobs hold at the present step, summed. */
  #decodeKvTokens = 0;
  #speedFactor = 1;
  #nextCapacity: number | undefined = undefined;
  #preempted = false;
  /** Whether the first in the queue could come in once cached blocks that it would use were evicted, as odd as that is. */
  #evictionAdmits = false;
  /** Sums over the run, for the report and the invariants. */
  busyMs = 0;
  steps = 0;
  preemptions = 0;
  computedPromptTokens = 0;
  reusedPromptTokens = 0;
  /** Every token that was given out, by whoever's request. */
  generatedTokens = 0;

  constructor(shape: ReplicaShape, listener: ReplicaListener) {
    if (shape.maxSequences > shape.maxBatchTokens) throw new RangeError('A step has room for a token of each sequence.');
    this.#shape = shape;
    this.#listener = listener;
    this.memory = new KvMemory(shape);
    this.#phases = new GrowthPhases(shape.blockTokens);
  }

  /** When the present plan is through, or Infinity while nothing is to be done. */
  get nextEventMs(): number {
    return this.#plan.endMs;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** Whether the memory could ever hold a job with its whole answer. */
  fits(job: Job): boolean {
    return this.memory.blocksOf(job.arrival.promptTokens + job.outputTokens) <= this.memory.capacityBlocks;
  }

  enqueue(job: Job, nowMs: number): void {
    const { prefixHashes, prefixBlockTokens } = job.arrival;
    if (prefixHashes.length > 0 && prefixBlockTokens !== this.#shape.prefixBlockTokens)
      throw new RangeError(
        `A prompt hashed in blocks of ${prefixBlockTokens} tokens came to a replica that compares ${this.#shape.prefixBlockTokens}.`,
      );
    const wasBlocked = this.#waiting.size > 0;
    this.#waiting.push(job);
    if (!this.#plan.isOpen) this.#begin(nowMs);
    // Behind others that wait nothing changes, nor where no sequence has room: the plan goes on.
    else if (!wasBlocked && this.#running.size < this.#shape.maxSequences) this.#plan.cutAt(nowMs);
  }

  /** From the next step on every step takes so many times its modelled time. */
  setSpeedFactor(factor: number, nowMs: number): void {
    this.#speedFactor = factor;
    if (this.#plan.isOpen) this.#plan.cutAt(nowMs);
  }

  /** From the next step on the memory has another size; the listener is told of jobs that no longer fit at all. */
  setCapacity(blocks: number, nowMs: number): void {
    this.#nextCapacity = blocks;
    if (this.#plan.isOpen) this.#plan.cutAt(nowMs);
    else this.#begin(nowMs);
  }

  /** Everything breaks now: gives back all jobs with what they generated so far, and forgets the cache. */
  lose(nowMs: number): Job[] {
    if (this.#plan.isOpen) this.#settle(this.#plan.stepsBy(nowMs));
    const jobs: Job[] = [];
    while (this.#running.first !== undefined) {
      const job = this.#running.first;
      this.#leave(job);
      jobs.push(job);
    }
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) jobs.push(job);
    this.memory.cache.clear();
    this.#plan.close();
    return jobs;
  }

  /** The plan's time has come. */
  advance(nowMs: number): void {
    this.#settle(this.#plan.steps);
    this.#begin(nowMs);
  }

  #resize(blocks: number, nowMs: number): void {
    this.#nextCapacity = undefined;
    this.memory.capacityBlocks = blocks;
    while (this.memory.availableBlocks < 0 && this.#running.last !== undefined) this.#preempt(this.#running.last);
    this.memory.makeRoom();
    for (let left = this.#waiting.size; left > 0; left -= 1) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      if (this.fits(job)) this.#waiting.push(job);
      else this.#listener.outgrew(job, nowMs);
    }
  }

  #begin(nowMs: number): void {
    if (this.#nextCapacity !== undefined) this.#resize(this.#nextCapacity, nowMs);
    const needed = this.#makeDecodeRoom();
    const work = this.#work;
    work.prefillTokens = 0;
    work.prefillPairs = 0;
    work.prefillContextTokens = 0;
    work.decodeSequences = this.#finishes.size;
    work.residentKvTokens = this.#decodeKvTokens;
    const budget = this.#prefillBegun(this.#shape.maxBatchTokens - work.decodeSequences, needed);
    this.#admit(budget, needed, nowMs);
    this.#growthTaken = work.prefillTokens > 0;
    if (work.prefillTokens > 0) {
      this.memory.take(needed);
      this.#plan.open(nowMs, 1, this.#shape.stepModel.stepMs(work) * this.#speedFactor, 0);
    } else if (work.decodeSequences > 0) this.#planDecode(nowMs);
    else this.#plan.close();
  }

  /** Pre-empts until the decoding jobs' next tokens have room; says how many blocks they need. */
  #makeDecodeRoom(): number {
    this.#preempted = false;
    for (;;) {
      const needed = this.#phases.needed(this.#step, 1);
      const victim = this.#running.last;
      if (needed <= this.memory.availableBlocks || victim === undefined) return needed;
      this.#preempt(victim);
    }
  }

  /** Goes on with the prompts that were begun, in order; says what is left of the budget. */
  #prefillBegun(budget: number, reservedBlocks: number): number {
    let left = budget;
    for (let index = 0; index < this.#prefilling.length && left > 0; index += 1) {
      const job = this.#prefilling[index];
      if (job === undefined) break;
      const chunk = Math.min(job.prefillTarget - job.computed, left);
      const blocks = this.memory.blocksOf(job.computed + chunk) - this.memory.blocksOf(job.computed);
      while (blocks > this.memory.availableBlocks - reservedBlocks) {
        const victim = this.#prefilling.at(-1);
        // The last one waits a step: the others go on and free what it needs.
        if (victim === undefined || victim === job) return 0;
        this.#preempt(victim);
      }
      this.memory.take(blocks);
      this.#compute(job, chunk);
      left -= chunk;
    }
    return left;
  }

  /** Takes jobs out of the queue while the step's budget, the batch and the memory have room. */
  #admit(budget: number, reservedBlocks: number, nowMs: number): void {
    // As vLLM: who had to take memory away from somebody takes in nobody new in the same step.
    this.#evictionAdmits = false;
    let left = this.#preempted && this.#running.size > 0 ? 0 : budget;
    while (left > 0 && this.#running.size < this.#shape.maxSequences) {
      const job = this.#waiting.first;
      if (job === undefined) return;
      const hits = this.memory.hits(job);
      const reused = hits * this.#shape.prefixBlockTokens;
      const chunk = Math.min(job.prefillTarget - reused, left);
      const held = this.memory.blocksOf(reused);
      const blocks = this.memory.blocksOf(reused + chunk) - held;
      const wanted = this.#shape.reservesWholePrompt ? this.memory.blocksOf(job.prefillTarget) - held : blocks;
      const idle = this.memory.idleBlocksAmong(job, hits);
      if (wanted + idle > this.memory.availableBlocks - reservedBlocks) {
        this.#evictionAdmits = idle > 0 && !this.#shape.reservesWholePrompt;
        return;
      }
      this.#waiting.shift();
      this.memory.reuse(job, hits);
      this.memory.take(blocks);
      job.state = 'prefill';
      job.cachedTokens = reused;
      if (job.scheduledMs < 0) job.scheduledMs = nowMs;
      this.reusedPromptTokens += reused;
      this.#running.push(job);
      this.#prefilling.push(job);
      this.#compute(job, chunk);
      left -= chunk;
    }
  }

  #compute(job: Job, chunk: number): void {
    const work = this.#work;
    work.prefillTokens += chunk;
    work.prefillPairs += chunk * job.computed + (chunk * chunk) / 2;
    work.prefillContextTokens += job.computed;
    job.computed += chunk;
    this.computedPromptTokens += chunk;
  }

  /** As many steps as nothing changes in: until a job finishes, the memory is full, or the time's line bends. */
  #planDecode(nowMs: number): void {
    const sequences = this.#finishes.size;
    const line = this.#line;
    this.#shape.stepModel.decodeLine(sequences, this.#decodeKvTokens, line);
    // Who pre-empted may take somebody in at the very next step.
    const untilFinish = this.#preempted ? 1 : (this.#finishes.first?.finishStep ?? this.#step + 1) - this.#step;
    const straight = Math.max(1, Math.ceil((line.untilKvTokens - this.#decodeKvTokens) / sequences));
    const most = Math.min(untilFinish, straight);
    const fitting = this.#phases.stepsWithin(this.#step, this.memory.availableBlocks, most);
    const untilEviction = this.#evictionAdmits ? this.#phases.stepsWithin(this.#step, this.memory.freeBlocks, most) + 1 : fitting;
    const steps = Math.min(fitting, untilEviction);
    const firstMs = (line.baseMs + line.perKvTokenMs * this.#decodeKvTokens) * this.#speedFactor;
    this.#plan.open(nowMs, steps, firstMs, line.perKvTokenMs * sequences * this.#speedFactor);
  }

  /** Books the first `steps` steps of the plan: tokens, blocks, prompts that are through, answers that are whole. */
  #settle(steps: number): void {
    if (steps === 0) return this.#dropChunks();
    const endMs = this.#plan.timeOf(steps);
    this.busyMs += endMs - this.#plan.startMs;
    if (!this.#growthTaken) this.memory.take(this.#phases.needed(this.#step, steps));
    this.steps += steps;
    this.#step += steps;
    this.#decodeKvTokens += steps * this.#finishes.size;
    this.generatedTokens += steps * this.#finishes.size;
    if (this.#growthTaken) this.#settlePrefill(endMs);
    this.#growthTaken = false;
    for (let job = this.#finishes.first; job !== undefined && job.finishStep <= this.#step; job = this.#finishes.first) this.#finish(job, endMs);
  }

  /** A step that broke in its middle leaves no tokens: its growth goes back. */
  #dropChunks(): void {
    if (this.#growthTaken) this.memory.privateBlocks -= this.#phases.needed(this.#step, 1);
    this.#growthTaken = false;
  }

  #settlePrefill(endMs: number): void {
    const begun = this.#prefilling;
    this.#prefilling = [];
    for (const job of begun) {
      this.memory.publish(job);
      if (job.computed < job.prefillTarget) this.#prefilling.push(job);
      else this.#startDecode(job, endMs);
    }
  }

  /** A prompt that is through gives its first token in the same step. */
  #startDecode(job: Job, nowMs: number): void {
    job.generated += 1;
    this.generatedTokens += 1;
    job.state = 'decode';
    job.joinedStep = this.#step;
    job.finishStep = this.#step + job.outputTokens - job.generated;
    this.#finishes.push(job);
    this.#phases.add(job.computed, this.#step, 1);
    this.#decodeKvTokens += job.computed;
    this.#listener.gaveFirstToken(job, nowMs);
  }

  #finish(job: Job, nowMs: number): void {
    this.#leave(job);
    job.state = 'gone';
    this.#listener.finished(job, nowMs);
  }

  #preempt(job: Job): void {
    this.#leave(job);
    job.preemptions += 1;
    this.preemptions += 1;
    this.#preempted = true;
    this.#waiting.unshift(job);
  }

  /** Takes a running job off the replica, with its tokens counted and its blocks freed. */
  #leave(job: Job): void {
    this.#running.remove(job);
    if (job.state === 'decode') {
      const made = this.#step - job.joinedStep;
      job.generated += made;
      this.#finishes.remove(job);
      // Its phase is that of its beginning: it has moved on as the steps have.
      this.#phases.add(job.computed + made, this.#step, -1);
      this.#decodeKvTokens -= job.computed + made;
      this.memory.release(job, job.computed + made);
    } else {
      this.#prefilling.splice(this.#prefilling.indexOf(job), 1);
      this.memory.release(job, job.computed);
    }
    job.restart();
  }
}
