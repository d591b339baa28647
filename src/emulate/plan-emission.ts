/**
 * When the events of one answer are due. Each due time follows from the one before, never from the moment at which
 * the one before was really sent, so lateness on this machine does not add up in the schedule.
 */
export interface EmissionPlan {
  readonly startedMs: number;
  /** When the latest planned token is due; before any token, when the first one will be. */
  readonly dueMs: number;
  /** Tokens planned so far. */
  readonly tokens: number;
}

/** A plan for an answer admitted at `startedMs` whose first token is due `ttftMs` later. */
export function planAnswer(startedMs: number, ttftMs: number): EmissionPlan {
  return { startedMs, dueMs: startedMs + ttftMs, tokens: 0 };
}

/**
 * Adds an event of `tokens` tokens, due when its last token is: an engine sends a text of several tokens once all of
 * them are computed. An event without tokens (a role, a finish reason, usage) is due with the token before it.
 */
export function planEvent(plan: EmissionPlan, tokens: number, tpotMs: number): EmissionPlan {
  if (tokens <= 0) return plan;
  const intervals = plan.tokens === 0 ? tokens - 1 : tokens;
  return { ...plan, dueMs: plan.dueMs + intervals * tpotMs, tokens: plan.tokens + tokens };
}
