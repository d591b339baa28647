/** What an engine says of itself; what it does not say is undefined. */
export interface EngineGauges {
  /** Requests that it works on. */
  readonly running: number | undefined;
  /** Requests that wait for it. */
  readonly waiting: number | undefined;
  /** The part of its memory for keys and values that is in use, 0 to 1. */
  readonly kvUsed: number | undefined;
}

type Gauge = keyof EngineGauges;

/**
 * The names that engines use. vLLM's and llama.cpp's were recorded from real ones; the rest are read in SGLang's
 * (https://docs.sglang.io/references/production_metrics.html), TensorRT-LLM's (`/prometheus/metrics` of trtllm-serve)
 * and NIM's documentation.
 */
const names: ReadonlyMap<string, Gauge> = new Map<string, Gauge>([
  ['vllm:num_requests_running', 'running'],
  ['vllm:num_requests_waiting', 'waiting'],
  ['vllm:kv_cache_usage_perc', 'kvUsed'],
  // Before vLLM 0.9.
  ['vllm:gpu_cache_usage_perc', 'kvUsed'],
  ['sglang:num_running_reqs', 'running'],
  ['sglang:num_queue_reqs', 'waiting'],
  ['sglang:token_usage', 'kvUsed'],
  ['llamacpp:requests_processing', 'running'],
  ['llamacpp:requests_deferred', 'waiting'],
  ['llamacpp:kv_cache_usage_ratio', 'kvUsed'],
  ['trtllm_num_requests_running', 'running'],
  ['trtllm_num_requests_waiting', 'waiting'],
  ['trtllm_kv_cache_utilization', 'kvUsed'],
  ['num_requests_running', 'running'],
  ['num_requests_waiting', 'waiting'],
  ['gpu_cache_usage_perc', 'kvUsed'],
  ['second_source_engine_requests_running', 'running'],
  ['second_source_engine_requests_waiting', 'waiting'],
  ['second_source_engine_kv_cache_usage_ratio', 'kvUsed'],
]);

/** A name, labels or none, a value, and a time that nobody needs. */
const sample = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{[^}]*\})?\s+(\S+)/;

/**
 * Reads Prometheus' text format, lines that are none of it passed over. Of several series of one gauge (ranks of one
 * engine each tell their own) requests are added and the fullest memory counts. Undefined where no known name stands in it.
 */
export function readGauges(text: string): EngineGauges | undefined {
  const found: Record<Gauge, number | undefined> = { running: undefined, waiting: undefined, kvUsed: undefined };
  let isAny = false;
  for (const line of text.split('\n')) {
    const [, name = '', told = ''] = sample.exec(line) ?? [];
    const gauge = names.get(name);
    const value = Number(told);
    if (gauge === undefined || told === '' || !Number.isFinite(value) || value < 0) continue;
    isAny = true;
    const before = found[gauge];
    if (gauge === 'kvUsed') found.kvUsed = Math.min(1, Math.max(before ?? 0, value));
    else found[gauge] = (before ?? 0) + value;
  }
  return isAny ? found : undefined;
}
