import { promptWork } from '../predict/prompt-work.ts';
import type { Ask, SloClass } from './ask.ts';
import type { DeploymentProfile } from '../predict/deployment-profile.ts';

/** Numbers that were tuned in the simulator, on seeds that are not judged (docs/decisions/0016-choice.md). */
export interface ChoiceTuning {
  /** How unsure a prediction is, over its limit: this much below the limit 27 % are late, twice as much 12 %. */
  readonly ttftSpread: number;
  readonly tpotSpread: number;
  /** What it costs to keep a place over its limit, for the one of the greatest capacity, in requests. */
  readonly sinkWeight: number;
  kvLimit: number; kvSpread: number;
}

export const usualTuning: ChoiceTuning = { ttftSpread: 0.15, tpotSpread: 0.08, sinkWeight: 1, kvLimit: 0.9, kvSpread: 0.04 };

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
  /** Requests a millisecond that it could serve within its limit. */
  capacity: number;
  /** Its own time and what others lose by it, over what its SLO allows. */
  time: number;
}

export function emptyEstimate(): Estimate {
  return { cachedTokens: 0, freshTokens: 0, ttftMs: 0, tpotMs: 0, totalMs: 0, late: 0, harm: 0, capacity: 0, time: 0 };
}

/** Predicts and prices a request at a deployment. `outputTokens` is what its answer should have. */
export function estimate(
  profile: DeploymentProfile,
  ask: Ask,
  outputTokens: number,
  perToken: number,
  nowMs: number,
  tuning: ChoiceTuning,
  mostCapacity: number,
  found: Estimate,
): void {
  const cached = profile.cachedTokens(ask);
  const fresh = promptWork(ask.promptTokens, cached);
  const batch = profile.inFlight + profile.others;
  const ownTokens = ask.promptTokens + outputTokens / 2;
  const stretch = profile.stretch(nowMs);
  // One more sequence makes every step this much longer.
  const addedMs = (profile.perSequenceMs + profile.perKvTokenMs * ownTokens) * stretch;
  const backlog = profile.backlogTokens(nowMs);
  const stepMs = profile.stepMs + profile.perSequenceMs * batch + profile.perKvTokenMs * profile.residentTokens;
  const tpotMs = Math.min(profile.besideMs * backlog * perToken + stepMs * stretch, Math.max(stepMs, profile.fullStepMs)) + addedMs;
  const lackingTokens = profile.residentTokens + ask.promptTokens - profile.kvTokens;
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
  found.capacity = limitMs > 0 ? Math.max(0, limitMs - profile.stepMs) / (limitMs * ((profile.perSequenceMs + profile.perKvTokenMs * ownTokens) * outputTokens + profile.besideMs * fresh)) : 0;
  const within = limitMs > 0 ? chanceWithin(tpotMs, limitMs, tuning.tpotSpread) : 1;
  found.harm = limitMs > 0 ? profile.limitedShare * ((lostMs * within * (1 - within)) / (tuning.tpotSpread * limitMs * outputTokens) + tuning.sinkWeight * (1 - within) * Math.min(1, found.capacity / mostCapacity)) : 0;
  found.harm += 1 - chanceWithin((profile.residentTokens + ownTokens) / profile.kvTokens, tuning.kvLimit, tuning.kvSpread);
  found.time = (totalMs + lostMs) / patienceOf(ask.slo, outputTokens);
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
  return 1 / (1 + Math.exp((predicted / limit - 1) / spread));
}

function patienceOf(slo: SloClass | undefined, outputTokens: number): number {
  if (slo === undefined) return patienceMs;
  if (slo.totalMs !== undefined) return slo.totalMs;
  return (slo.ttftMs ?? 0) + (slo.tpotMs ?? 0) * outputTokens || patienceMs;
}
