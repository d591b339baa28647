import { promptWork } from '../predict/prompt-work.ts';
import type { Ask, SloClass } from './ask.ts';
import type { DeploymentProfile } from '../predict/deployment-profile.ts';

/** Numbers that were tuned in the simulator, on seeds that are not judged (docs/decisions/0016-choice.md). */
export interface ChoiceTuning {
  /** How unsure a prediction is, over its limit: so much below its limit 27 % are late, twice as much 12 %. */
  readonly ttftSpread: number;
  readonly tpotSpread: number;
}

export const usualTuning: ChoiceTuning = { ttftSpread: 0.1, tpotSpread: 0.1 };

/** So far below its limit nothing is late. */
const farWithin = -8;

/** Where no SLO says how long is long, milliseconds for a whole answer. */
const patienceMs = 10_000;

/** What one deployment would make of one request. Written anew for each. */
export interface Estimate {
  cachedTokens: number;
  freshTokens: number;
  ttftMs: number;
  tpotMs: number;
  totalMs: number;
  /** How likely it is late, 0 to 1. */
  late: number;
  /** How many others it should make late there. */
  harm: number;
  /** Its own time and what others lose by it, over what its SLO allows, on a scale that flattens. */
  time: number;
}

export function emptyEstimate(): Estimate {
  return { cachedTokens: 0, freshTokens: 0, ttftMs: 0, tpotMs: 0, totalMs: 0, late: 0, harm: 0, time: 0 };
}

/** What holds for a request wherever it goes. Written anew for each, since numbers in an object are handed on for nothing. */
export interface Outlook {
  nowMs: number;
  promptTokens: number;
  /** What its answer should have. */
  outputTokens: number;
  /** The mean of 1 over what it should have. */
  perToken: number;
  /** How long a whole answer may take before it is long. */
  patienceMs: number;
}

export function emptyOutlook(): Outlook {
  return { nowMs: 0, promptTokens: 0, outputTokens: 0, perToken: 0, patienceMs: 0 };
}

/** Predicts and prices a request at a deployment. */
export function estimate(profile: DeploymentProfile, ask: Ask, outlook: Outlook, tuning: ChoiceTuning, found: Estimate): void {
  const { nowMs, promptTokens, outputTokens, perToken } = outlook;
  // What the candidate before it had is the best guess.
  const cached = profile.cachedTokens(ask, found.cachedTokens);
  const fresh = promptWork(promptTokens, cached);
  const batch = profile.inFlight + profile.others;
  const ownTokens = promptTokens + outputTokens / 2;
  const stretch = profile.stretch(nowMs);
  // One more sequence makes every step this much longer.
  const addedMs = (profile.perSequenceMs + profile.perKvTokenMs * ownTokens) * stretch;
  const backlog = profile.backlogTokens(nowMs);
  const stepMs = profile.stepMs + profile.perSequenceMs * batch + profile.perKvTokenMs * profile.residentTokens;
  const tpotMs = Math.min(profile.besideMs * backlog * perToken + stepMs * stretch, Math.max(stepMs, profile.fullStepMs)) + addedMs;
  const lackingTokens = profile.residentTokens + promptTokens - profile.kvTokens;
  // Memory comes free as answers end: all that is held in about the time of one answer.
  const waitMs = lackingTokens > 0 ? (lackingTokens / Math.max(1, profile.residentTokens)) * outputTokens * tpotMs : 0;
  const ttftMs = profile.firstTokenMs + profile.perPromptTokenMs * (backlog + fresh) + waitMs;
  const totalMs = ttftMs + outputTokens * tpotMs;
  // What everybody there loses together: each waits for the prompt once, and for one more sequence at each step.
  const lostMs = (batch + profile.pendingCount * (perToken * outputTokens - 1)) * profile.besideMs * fresh + batch * addedMs * outputTokens;
  found.cachedTokens = cached;
  found.freshTokens = fresh;
  found.ttftMs = ttftMs;
  found.tpotMs = tpotMs;
  found.totalMs = totalMs;
  found.late = ask.slo === undefined ? 0 : lateness(ask.slo, ttftMs, tpotMs, totalMs, tuning);
  const limitMs = profile.limitMs;
  found.harm = limitMs > 0 ? (profile.limitedShare * lostMs * densityAt(tpotMs, limitMs, tuning.tpotSpread)) / outputTokens : 0;
  // Twice as late is not twice as bad: who is late everywhere may wait where that hurts nobody.
  found.time = Math.log1p((totalMs + lostMs) / outlook.patienceMs);
}

function lateness(slo: SloClass, ttftMs: number, tpotMs: number, totalMs: number, { ttftSpread, tpotSpread }: ChoiceTuning): number {
  let kept = 1;
  if (slo.ttftMs !== undefined) kept *= chanceWithin(ttftMs, slo.ttftMs, ttftSpread);
  if (slo.tpotMs !== undefined) kept *= chanceWithin(tpotMs, slo.tpotMs, tpotSpread);
  if (slo.totalMs !== undefined) kept *= chanceWithin(totalMs, slo.totalMs, tpotSpread);
  return 1 - kept;
}

/** The chance that what was predicted stays within its limit, by the logistic law. */
function chanceWithin(predicted: number, limit: number, spread: number): number {
  const deviations = (predicted / limit - 1) / spread;
  return deviations < farWithin ? 1 : 1 / (1 + Math.exp(deviations));
}

/** How much of that chance a millisecond more costs. */
function densityAt(predicted: number, limit: number, spread: number): number {
  const within = chanceWithin(predicted, limit, spread);
  return (within * (1 - within)) / (spread * limit);
}

export function patienceOf(slo: SloClass | undefined, outputTokens: number): number {
  if (slo === undefined) return patienceMs;
  if (slo.totalMs !== undefined) return slo.totalMs;
  return (slo.ttftMs ?? 0) + (slo.tpotMs ?? 0) * outputTokens || patienceMs;
}
