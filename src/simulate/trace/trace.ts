/** One request of a trace, with the true length of its answer. */
export interface TraceRequest {
  readonly atMs: number;
  readonly model: string;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly maxTokens: number | undefined;
  readonly prefixHashes: Int32Array;
  readonly prefixBlockTokens: number;
  readonly sloClass: string;
}

/** Requests one after another in the order of time, as long as there are any: a trace is never held whole. */
export type Trace = Iterator<TraceRequest, undefined>;

export const noPrefix = new Int32Array(0);

/** Requests of this class run as all others and are not counted: they fill the caches before the count begins. */
export const warmUpClass = 'warm-up';
