/** What the engine has done since it started, and what it is doing now. */
export interface EngineMetrics {
  running: number;
  waiting: number;
  usedCells: number;
  totalCells: number;
  promptTokens: number;
  cachedPromptTokens: number;
  generatedTokens: number;
  requests: number;
  finished: number;
  aborted: number;
  rejected: number;
  failed: number;
  batches: number;
}

export function newEngineMetrics(totalCells: number): EngineMetrics {
  return {
    running: 0,
    waiting: 0,
    usedCells: 0,
    totalCells,
    promptTokens: 0,
    cachedPromptTokens: 0,
    generatedTokens: 0,
    requests: 0,
    finished: 0,
    aborted: 0,
    rejected: 0,
    failed: 0,
    batches: 0,
  };
}

type Line = readonly [name: string, kind: 'gauge' | 'counter', help: string, value: (metrics: EngineMetrics) => number];

const lines: readonly Line[] = [
  ['requests_running', 'gauge', 'Requests that hold a sequence.', (m) => m.running],
  ['requests_waiting', 'gauge', 'Requests that wait for a sequence.', (m) => m.waiting],
  ['kv_cache_usage_ratio', 'gauge', 'Cells held by running requests, of all cells.', (m) => m.usedCells / m.totalCells],
  ['prompt_tokens_total', 'counter', 'Prompt tokens of admitted requests.', (m) => m.promptTokens],
  ['cached_prompt_tokens_total', 'counter', 'Prompt tokens whose cells were reused.', (m) => m.cachedPromptTokens],
  ['generated_tokens_total', 'counter', 'Tokens sampled.', (m) => m.generatedTokens],
  ['requests_total', 'counter', 'Requests accepted into the queue.', (m) => m.requests],
  ['requests_finished_total', 'counter', 'Requests that ended by themselves.', (m) => m.finished],
  ['requests_aborted_total', 'counter', 'Requests whose client left.', (m) => m.aborted],
  ['requests_rejected_total', 'counter', 'Requests refused because the queue was full.', (m) => m.rejected],
  ['requests_failed_total', 'counter', 'Requests that a fault of the engine ended.', (m) => m.failed],
  ['batches_total', 'counter', 'Batches decoded.', (m) => m.batches],
];

/** The exposition format of Prometheus, version 0.0.4. */
export function metricsText(metrics: EngineMetrics): string {
  let text = '';
  for (const [name, kind, help, value] of lines) {
    const full = `second_source_engine_${name}`;
    text += `# HELP ${full} ${help}\n# TYPE ${full} ${kind}\n${full} ${value(metrics)}\n`;
  }
  return text;
}
