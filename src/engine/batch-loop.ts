import { EngineFailure, engineErrors } from './engine-error.ts';
import type { EngineMetrics } from './engine-metrics.ts';
import { Generation, type GenerationListener, type GenerationRequest } from './generation.ts';
import type { LoadedModel } from './load-model.ts';
import type { AddonContext } from './native-bindings.ts';
import { nextPart, reusableCells } from './prefill-plan.ts';
import { TokenPicker } from './token-picker.ts';

export interface BatchLoopOptions {
  /** Sequences of the context. */
  readonly sequences: number;
  /** How many of them answer requests at once. */
  readonly running: number;
  readonly contextTokens: number;
  readonly batchTokens: number;
  readonly maxWaiting: number;
  /** Decode at least two tokens a batch, for weights whose kernels give a lone token other bits. */
  readonly padBatches: boolean;
  readonly nowMs: () => number;
}

/** A sequence of the context: who uses it, and what its cells hold. */
interface Slot {
  readonly sequence: number;
  generation: Generation | undefined;
  history: { tokens: number[]; prompt: number };
}

/** A part of a prompt should not keep the others' next tokens, or an abort, waiting for longer than this. */
const partMs = 40;
const noIndexes = new Uint32Array(0);
const firstIndex = Uint32Array.of(0);

/** Continuous batching: all running answers get their next token in one batch; prompts go in between, in parts. */
export class BatchLoop {
  readonly #model: LoadedModel;
  readonly #context: AddonContext;
  readonly #options: BatchLoopOptions;
  readonly #metrics: EngineMetrics;
  readonly #slots: Slot[];
  #waiting: Generation[] = [];
  /** Deliveries that are made while the next batch computes. */
  #outbox: { readonly generation: Generation; readonly deliver: () => void }[] = [];
  #partTokens = 64;
  #looping = false;
  #stopping = false;

  constructor(model: LoadedModel, context: AddonContext, options: BatchLoopOptions, metrics: EngineMetrics) {
    this.#model = model;
    this.#context = context;
    this.#options = options;
    this.#metrics = metrics;
    this.#slots = Array.from({ length: options.sequences }, (_, sequence) => ({
      sequence,
      generation: undefined,
      history: { tokens: [], prompt: 0 },
    }));
  }

  /** Queues a request; throws when the queue is full. */
  submit(request: GenerationRequest, listener: GenerationListener): Generation {
    if (this.#stopping) throw new EngineFailure(engineErrors.stopping());
    // Free sequences are taken at the next batch, so as many requests more may queue until then.
    const free = this.#options.running - this.#busy();
    if (this.#waiting.length >= this.#options.maxWaiting + free) {
      this.#metrics.rejected += 1;
      throw new EngineFailure(engineErrors.overloaded(this.#waiting.length));
    }
    const generation = new Generation(request, listener);
    this.#waiting.push(generation);
    this.#metrics.requests += 1;
    this.#metrics.waiting = this.#waiting.length;
    if (!this.#looping) void this.#loop();
    return generation;
  }

  /** The client left: its sequence is free after the batch that is being computed now. */
  abort(generation: Generation): void {
    if (generation.ended || generation.aborted) return;
    generation.aborted = true;
    this.#metrics.aborted += 1;
    this.#waiting = this.#waiting.filter((waiting) => waiting !== generation);
    this.#metrics.waiting = this.#waiting.length;
  }

  /** Ends every answer with a fault and takes no more; resolves when no native work is left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#failAll(new EngineFailure(engineErrors.stopping()));
    while (this.#looping) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async #loop(): Promise<void> {
    this.#looping = true;
    try {
      for (;;) {
        this.#releaseSlots();
        this.#admit();
        const prefilled = await this.#prefill();
        const decoded = await this.#decode();
        if (prefilled || decoded) continue;
        this.#deliver();
        if (this.#waiting.length === 0 && this.#slots.every((slot) => slot.generation === undefined)) break;
        // Every client is too slow, or the last answers just ended: let the event loop turn.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } catch (fault) {
      this.#failAll(fault);
    } finally {
      this.#looping = false;
    }
    if (this.#waiting.length > 0) void this.#loop();
  }

  #busy(): number {
    return this.#slots.filter((slot) => slot.generation !== undefined).length;
  }

  #releaseSlots(): void {
    let running = 0;
    let usedCells = 0;
    for (const slot of this.#slots) {
      const generation = slot.generation;
      if (generation === undefined) continue;
      if (generation.ended || generation.aborted) {
        slot.generation = undefined;
        generation.picker?.dispose();
      } else {
        running += 1;
        usedCells += generation.evaluated;
      }
    }
    this.#metrics.running = running;
    this.#metrics.usedCells = usedCells;
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.#busy() < this.#options.running) {
      const generation = this.#waiting[0];
      if (generation === undefined) break;
      const wanted = { tokens: generation.tokens, prompt: generation.request.promptTokens };
      let best: { slot: Slot; kept: number } | undefined;
      for (const slot of this.#slots) {
        if (slot.generation !== undefined) continue;
        const kept = reusableCells(slot.history, wanted);
        // Among equals the emptiest goes first, so that cached prefixes live longer.
        const better = best === undefined || kept > best.kept;
        const emptier = best?.kept === kept && slot.history.tokens.length < best.slot.history.tokens.length;
        if (better || emptier) best = { slot, kept };
      }
      if (best === undefined) break;
      this.#waiting.shift();
      this.#occupy(best.slot, generation, best.kept);
    }
    this.#metrics.waiting = this.#waiting.length;
  }

  #occupy(slot: Slot, generation: Generation, kept: number): void {
    let cells = kept;
    if (!this.#context.removeTokenCellsFromSequence(slot.sequence, kept, -1)) {
      // Recurrent models cannot forget a suffix.
      this.#context.disposeSequence(slot.sequence);
      cells = 0;
    }
    const { request } = generation;
    generation.cached = Math.min(cells, request.promptTokens);
    generation.evaluated = cells;
    slot.generation = generation;
    slot.history = { tokens: generation.tokens.slice(0, cells), prompt: request.promptTokens };
    try {
      generation.picker = new TokenPicker(this.#model, request.sampling, this.#options.contextTokens, generation.answer);
    } catch (fault) {
      slot.generation = undefined;
      this.#fail(generation, fault);
      return;
    }
    this.#metrics.running += 1;
    this.#metrics.promptTokens += request.promptTokens;
    this.#metrics.cachedPromptTokens += generation.cached;
  }

  /** Evaluates the next part of one prompt, alone in its batch. */
  async #prefill(): Promise<boolean> {
    const slot = this.#slots.find(({ generation }) => generation?.prefilling === true && !generation.aborted);
    const generation = slot?.generation;
    if (slot === undefined || generation === undefined) return false;
    const start = generation.evaluated;
    const size = nextPart(generation.request.promptTokens - start, Math.min(this.#partTokens, this.#options.batchTokens));
    const samples = start + size === generation.tokens.length;
    this.#context.initBatch(size);
    const tokens = Uint32Array.from(generation.tokens.slice(start, start + size));
    const indexes = this.#context.addToBatch(slot.sequence, start, tokens, samples ? Uint32Array.of(size - 1) : noIndexes);
    const began = this.#options.nowMs();
    await this.#compute();
    if (size >= 8) {
      const perToken = Math.max((this.#options.nowMs() - began) / size, 0.01);
      this.#partTokens = Math.round((this.#partTokens + Math.min(Math.max(partMs / perToken, 8), 512)) / 2);
    }
    this.#evaluated(slot, generation, size);
    if (samples) await this.#pickAll([[generation, indexes[0] ?? 0]]);
    return true;
  }

  /** Evaluates one token of every answer, together. */
  async #decode(): Promise<boolean> {
    const members = this.#slots.filter(({ generation }) => {
      if (generation === undefined || generation.aborted || generation.ended || generation.prefilling) return false;
      return generation.evaluated < generation.tokens.length && !generation.listener.congested();
    });
    if (members.length === 0) return false;
    const filler = this.#options.padBatches && members.length === 1 ? this.#filler(members[0]) : undefined;
    this.#context.initBatch(members.length + (filler === undefined ? 0 : 1));
    const picks: [Generation, number][] = [];
    for (const { sequence, generation } of members) {
      if (generation === undefined) continue;
      const position = generation.evaluated;
      const samples = position + 1 === generation.tokens.length;
      const token = Uint32Array.of(generation.tokens[position] ?? 0);
      const indexes = this.#context.addToBatch(sequence, position, token, samples ? firstIndex : noIndexes);
      if (samples) picks.push([generation, indexes[0] ?? 0]);
    }
    if (filler !== undefined) this.#context.addToBatch(filler.sequence, filler.history.tokens.length, firstIndex, noIndexes);
    await this.#compute();
    if (filler !== undefined) {
      this.#context.removeTokenCellsFromSequence(filler.sequence, filler.history.tokens.length, -1);
    }
    for (const slot of members) if (slot.generation !== undefined) this.#evaluated(slot, slot.generation, 1);
    await this.#pickAll(picks);
    return true;
  }

  /** Another sequence, whose next cell can be written and taken back. */
  #filler(member: Slot | undefined): Slot | undefined {
    return this.#slots.find((slot) => slot !== member && slot.history.tokens.length < this.#options.contextTokens);
  }

  async #compute(): Promise<void> {
    this.#metrics.batches += 1;
    const computing = this.#context.decodeBatch();
    this.#deliver();
    await computing;
  }

  #evaluated(slot: Slot, generation: Generation, count: number): void {
    for (let index = 0; index < count; index++) {
      slot.history.tokens.push(generation.tokens[generation.evaluated + index] ?? 0);
    }
    generation.evaluated += count;
  }

  async #pickAll(picks: readonly (readonly [Generation, number])[]): Promise<void> {
    await Promise.all(picks.map(([generation, index]) => this.#pick(generation, index).catch((fault: unknown) => this.#fail(generation, fault))));
  }

  async #pick(generation: Generation, logitIndex: number): Promise<void> {
    const { picker, tokens, answer, aborted } = generation;
    if (picker === undefined || aborted) return;
    const picked = await picker.pick(this.#context, logitIndex, tokens.length, answer);
    if (generation.aborted || generation.ended) return;
    // A grammar may come to where no token of the vocabulary goes on.
    if (picked.id < 0) throw new Error('The sampler found no possible token.');
    this.#metrics.generatedTokens += 1;
    const ends = this.#model.endsGeneration(picked.id);
    const deliver = generation.accept(picked, this.#model.bytesOf(picked.id), ends, this.#options.contextTokens);
    this.#outbox.push({ generation, deliver });
    if (generation.ended) this.#metrics.finished += 1;
  }

  #deliver(): void {
    if (this.#outbox.length === 0) return;
    const outbox = this.#outbox;
    this.#outbox = [];
    for (const { generation, deliver } of outbox) {
      try {
        deliver();
      } catch (fault) {
        generation.ended = false;
        this.#fail(generation, fault);
      }
    }
  }

  /** One answer's fault is no other's: only what the batch itself does to all goes through `#failAll`. */
  #fail(generation: Generation, fault: unknown): void {
    if (generation.ended || generation.aborted) return;
    generation.ended = true;
    this.#metrics.failed += 1;
    generation.listener.onFault(fault);
  }

  #failAll(fault: unknown): void {
    this.#deliver();
    const failed = [...this.#waiting];
    this.#waiting = [];
    for (const slot of this.#slots) {
      if (slot.generation !== undefined) failed.push(slot.generation);
      if (!this.#stopping) {
        slot.generation = undefined;
        // What a failed batch left in the cells is unknown.
        slot.history = { tokens: [], prompt: 0 };
        this.#context.disposeSequence(slot.sequence);
      }
    }
    this.#metrics.waiting = 0;
    this.#metrics.running = 0;
    for (const generation of failed) {
      if (!this.#stopping) generation.picker?.dispose();
      this.#fail(generation, fault);
    }
  }
}
