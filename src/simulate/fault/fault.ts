/** Which replicas a fault strikes. */
export type FaultTarget = { readonly by: 'replica' | 'pool' | 'vendor'; readonly name: string };

interface Timed {
  readonly target: FaultTarget;
  readonly atMs: number;
  readonly forMs: number;
}

export type Fault =
  /** Gone at once with all it ran; back, with an empty cache, after it has also started again. */
  | (Timed & { readonly kind: 'loss'; readonly coldStartMs: number })
  /** Each step takes so many times as long. */
  | (Timed & { readonly kind: 'slow'; readonly factor: number })
  /** Refuses this part of what is sent to it with a 429, at once, as places do that look idle. */
  | (Timed & { readonly kind: 'refusals'; readonly share: number; readonly retryAfterMs: number })
  /** Keeps this part of its KV memory only. */
  | (Timed & { readonly kind: 'kv-cliff'; readonly share: number })
  /** Its speed wanders: every `everyMs` a step of a bounded random walk within ±`most`. */
  | { readonly kind: 'drift'; readonly target: FaultTarget; readonly most: number; readonly everyMs: number };
