import { LeastSquares } from './least-squares.ts';
import { PrefixTable } from './prefix-table.ts';
import type { FigureEvidence } from './figure-evidence.ts';
import type { Ask } from '../choice/ask.ts';
import type { Prior } from './prior.ts';
import type { StoredProfile } from './stored-profile.ts';

/** Where nothing is known: about a small model on a common accelerator. The first answers correct it. */
const usual = { firstTokenMs: 40, perPromptTokenMs: 0.1, stepMs: 15, perSequenceMs: 0.2, perKvTokenMs: 3e-5, kvTokens: 400_000 };
/** What is left of an observation's weight after the next: a memory of about 100 first tokens and 60 answers. */
const keptOfFirstTokens = 0.99;
const keptOfAnswers = 0.985;
/** Parts of the prior below which no coefficient falls: what a prompt token and a step cost is never nothing. */
const leastOfFirst = [0, 0.02];
const leastOfAnswer = [0.02, 0, 0, 0];
/** Variances of a found value, relative to it: scheduling, steps under way, lengths. */
const firstTokenNoise = 0.02;
const answerNoise = 0.004;
/** Shorter answers say little of a step. */
const leastTokens = 4;
/** The rate of prompt tokens is remembered for as long as an answer takes, which is how long it matters to one; within limits. */
const usualAnswerMs = 5000;
const leastRateMemoryMs = 2000;
const mostRateMemoryMs = 60_000;
const answerMemory = 0.05;
/** Prompt tokens that engines take into one step by default. */
const usualChunkTokens = 2048;
/** The longest steps seen count nearly at once and are slowly forgotten. */
const peakRise = 0.3;
const peakFall = 0.002;
/** Prompts never take more than such a part of an engine's time in a prediction: beyond, nothing would be left to compare. */
const mostPrefillShare = 0.85;
/** How fast the SLO of those who are there follows that of those who come. */
const limitMemory = 0.05;
/** What a refusal weighs is halved in about so long. */
const refusalMemoryMs = 5000;

type PromptFacts = Pick<Ask, 'promptTokens' | 'prefixHashes' | 'prefixBlockTokens'>;

export interface ProfileOptions {
  readonly prior: Prior;
  readonly blockTokens: number;
  readonly mostPlaces: number;
}

/**
 * All that is known of one deployment: its load, counted from dispatches, and its speed, learned from answers.
 * `TTFT = q + a · (prompt tokens that wait there + own ones)` and
 * `TPOT = b + c · batch + d · resident tokens + e · (prompt tokens computed beside it, each step)`.
 */
export class DeploymentProfile {
  readonly prefixes: PrefixTable;
  readonly origin: Prior['from'];
  readonly #first: LeastSquares;
  readonly #answer: LeastSquares;
  /** Prompt tokens to compute of requests without a first token, and how many requests these are. */
  pendingTokens = 0;
  pendingCount = 0;
  /** Requests that have begun to answer. */
  decoding = 0;
  /** Tokens that those in flight hold, with half of their answers. */
  residentTokens = 0;
  decodingTokens = 0;
  /** Requests of others, as far as gauges tell. */
  others = 0;
  /** Tokens that its memory holds, counted as `residentTokens` are. */
  kvTokens: number;
  #kvIsSeen = false;
  /** The TPOT that those who are there shall keep, and the part of them that has such a limit. */
  limitMs = 0;
  limitedShare = 0;
  answers = 0;
  lastSeenMs = -Infinity;
  /** How long a step takes that is full of prompts: no answer's steps are longer on average. */
  fullStepMs: number;
  #refusals = 0;
  #refusedMs = 0;
  #prefillRate = 0;
  #rateMs = 0;
  #rateMemoryMs = usualAnswerMs;
  /** Since when the first of those that wait is being computed. */
  #headMs = 0;
  /** Integrals over time, whose differences are the means that an answer saw. */
  #countedMs = 0;
  decodingMs = 0;
  decodingTokenMs = 0;
  #throughTokens = 0;

  constructor({ prior, blockTokens, mostPlaces }: ProfileOptions) {
    const { from, firstTokenMs, perPromptTokenMs, stepMs, perSequenceMs, perKvTokenMs, kvTokens } = prior;
    const promptMs = positive(perPromptTokenMs) ?? usual.perPromptTokenMs;
    const step = positive(stepMs) ?? usual.stepMs;
    this.origin = from;
    this.fullStepMs = step + promptMs * usualChunkTokens;
    this.kvTokens = positive(kvTokens) ?? Infinity;
    this.prefixes = new PrefixTable((positive(kvTokens) ?? usual.kvTokens) / blockTokens, mostPlaces);
    this.#first = new LeastSquares([positive(firstTokenMs) ?? Math.min(usual.firstTokenMs, step), promptMs], leastOfFirst, keptOfFirstTokens);
    this.#answer = new LeastSquares(
      [step, positive(perSequenceMs) ?? step / 75, positive(perKvTokenMs) ?? step / 500_000, promptMs],
      leastOfAnswer,
      keptOfAnswers,
    );
  }

  get firstTokenMs(): number {
    return this.#first.coefficients[0] ?? 0;
  }

  get perPromptTokenMs(): number {
    return this.#first.coefficients[1] ?? 0;
  }

  get stepMs(): number {
    return this.#answer.coefficients[0] ?? 0;
  }

  get perSequenceMs(): number {
    return this.#answer.coefficients[1] ?? 0;
  }

  get perKvTokenMs(): number {
    return this.#answer.coefficients[2] ?? 0;
  }

  get besideMs(): number {
    return this.#answer.coefficients[3] ?? 0;
  }

  get isUnknown(): boolean {
    return this.#first.observations === 0;
  }

  get inFlight(): number {
    return this.pendingCount + this.decoding;
  }

  get ttftEvidence(): FigureEvidence {
    return evidenceOf(this.#first.observations, this.origin);
  }

  get tpotEvidence(): FigureEvidence {
    return evidenceOf(this.#answer.observations, this.origin);
  }

  /** Prompt tokens of a request that it should have in its cache; `likelyTokens` is a guess that saves time where it is right. */
  cachedTokens({ promptTokens, prefixHashes, prefixBlockTokens }: PromptFacts, likelyTokens: number): number {
    if (prefixHashes.length === 0) return 0;
    return Math.min(promptTokens, this.prefixes.match(prefixHashes, Math.floor(likelyTokens / prefixBlockTokens)) * prefixBlockTokens);
  }

  /** Prompt tokens that are still to be computed before a new prompt's. */
  backlogTokens(nowMs: number): number {
    return Math.max(0, this.pendingTokens - this.#begunTokens(nowMs));
  }

  /** All prompt tokens that were computed, with those of the one under way. */
  computedTokens(nowMs: number): number {
    return this.#throughTokens + this.#begunTokens(nowMs);
  }

  /** What should be computed of the first in line since the last one was through: no more than one of them is. */
  #begunTokens(nowMs: number): number {
    if (this.pendingCount === 0) return 0;
    return Math.max(0, Math.min((nowMs - this.#headMs) / Math.max(1e-9, this.perPromptTokenMs), this.pendingTokens / this.pendingCount));
  }

  /** How many times as long as its decode steps an answer takes for the prompts computed beside it. */
  stretch(nowMs: number): number {
    const rate = this.#prefillRate * faded((nowMs - this.#rateMs) / this.#rateMemoryMs);
    return 1 / (1 - Math.min(mostPrefillShare, this.besideMs * rate));
  }

  /** Recent refusals, each fading: a place that refuses looks idle. */
  refusals(nowMs: number): number {
    return this.#refusals === 0 ? 0 : this.#refusals * Math.exp((this.#refusedMs - nowMs) / refusalMemoryMs);
  }

  refused(nowMs: number): void {
    this.#refusals = Math.min(4, this.refusals(nowMs) + 1);
    this.#refusedMs = nowMs;
  }

  dispatched(freshTokens: number, heldTokens: number, limitMs: number | undefined, nowMs: number): void {
    if (this.pendingCount === 0) this.#headMs = nowMs;
    this.pendingCount += 1;
    this.pendingTokens += freshTokens;
    this.residentTokens += heldTokens;
    this.limitedShare += ((limitMs === undefined ? 0 : 1) - this.limitedShare) * limitMemory;
    if (limitMs !== undefined) this.limitMs += (limitMs - this.limitMs) * (this.limitMs === 0 ? 1 : limitMemory);
    this.#prefillRate = this.#prefillRate * faded((nowMs - this.#rateMs) / this.#rateMemoryMs) + freshTokens / this.#rateMemoryMs;
    this.#rateMs = nowMs;
  }

  /** A prompt is through: it left the line `aheadTokens` long, its own included, after so long. */
  began(freshTokens: number, heldTokens: number, nowMs: number): void {
    this.#count(nowMs);
    this.#headMs = nowMs;
    this.leaveLine(freshTokens);
    this.decoding += 1;
    this.decodingTokens += heldTokens;
    this.#throughTokens += freshTokens;
    this.lastSeenMs = nowMs;
  }

  leaveLine(freshTokens: number): void {
    this.pendingCount -= 1;
    this.pendingTokens = this.pendingCount <= 0 ? 0 : Math.max(0, this.pendingTokens - freshTokens);
  }

  /** One that answered is through, however it ended. */
  left(heldTokens: number, nowMs: number): void {
    this.#count(nowMs);
    this.decoding -= 1;
    this.decodingTokens = this.decoding <= 0 ? 0 : Math.max(0, this.decodingTokens - heldTokens);
  }

  release(heldTokens: number): void {
    this.residentTokens = this.inFlight <= 0 ? 0 : Math.max(0, this.residentTokens - heldTokens);
  }

  learnFirstToken(aheadTokens: number, ttftMs: number): void {
    firstFeatures[1] = aheadTokens;
    this.#first.observe(firstFeatures, ttftMs, firstTokenNoise);
  }

  /** An answer was whole. Means are over its decoding; `besideTokens` is what was computed of others' prompts meanwhile. */
  learnAnswer(tokens: number, durationMs: number, meanBatch: number, meanTokens: number, besideTokens: number, freshTokens: number): void {
    this.answers += 1;
    if (tokens < leastTokens || !(durationMs > 0) || this.residentTokens > this.kvTokens * 0.97) return;
    const memoryMs = this.#rateMemoryMs + (durationMs - this.#rateMemoryMs) * answerMemory;
    this.#rateMemoryMs = Math.max(leastRateMemoryMs, Math.min(mostRateMemoryMs, memoryMs));
    const steps = tokens - 1;
    const tpotMs = durationMs / steps;
    this.fullStepMs += (tpotMs - this.fullStepMs) * (tpotMs > this.fullStepMs ? peakRise : peakFall);
    answerFeatures[1] = meanBatch;
    answerFeatures[2] = meanTokens;
    answerFeatures[3] = besideTokens / steps;
    // Whether one prompt more or less was computed in that time is not seen.
    const unsure = (this.besideMs * freshTokens) / durationMs;
    this.#answer.observe(answerFeatures, tpotMs, answerNoise + unsure * unsure);
  }

  /** What an engine tells: how full its memory is, and whether others use it too. */
  told(running: number | undefined, waiting: number | undefined, kvUsed: number | undefined): void {
    const own = this.inFlight;
    const all = running === undefined ? undefined : running + (waiting ?? 0);
    // A few are always under way between us and the engine.
    if (all !== undefined) this.others += ((all > own * 1.1 + 2 ? all - own : 0) - this.others) * 0.3;
    if (kvUsed === undefined || !(kvUsed > 0.05) || this.decoding === 0 || this.others > 1) return;
    const found = this.decodingTokens / Math.min(1, kvUsed);
    this.kvTokens = this.#kvIsSeen ? this.kvTokens + (found - this.kvTokens) * 0.02 : found;
    this.#kvIsSeen = true;
  }

  stored(deploymentId: string): StoredProfile {
    const { answers, firstTokenMs, perPromptTokenMs, stepMs, perSequenceMs, perKvTokenMs, besideMs, kvTokens } = this;
    return {
      version: 1,
      deploymentId,
      answers,
      firstTokenMs,
      perPromptTokenMs,
      stepMs,
      perSequenceMs,
      perKvTokenMs,
      besideMs,
      kvTokens: Number.isFinite(kvTokens) ? kvTokens : undefined,
    };
  }

  #count(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#countedMs);
    this.decodingMs += passedMs * this.decoding;
    this.decodingTokenMs += passedMs * this.decodingTokens;
    this.#countedMs = nowMs;
  }
}

/** Written anew before each use: learning allocates nothing. */
const firstFeatures = Float64Array.of(1, 0);
const answerFeatures = Float64Array.of(1, 0, 0, 0);

/** What is left after so many times its memory: e⁻ˣ nearly, and several times as quick. */
function faded(times: number): number {
  return 1 / (1 + times + (times * times) / 2);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && value < Infinity ? value : undefined;
}

function evidenceOf(observations: number, from: Prior['from']): FigureEvidence {
  return observations > 0 ? { kind: 'measured', answers: observations } : { kind: 'prior', from };
}
