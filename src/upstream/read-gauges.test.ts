import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metricsText, newEngineMetrics } from '../engine/engine-metrics.ts';
import { readGauges } from './read-gauges.ts';

/** What a real engine answered to `GET /metrics`; of vLLM's 53 KB the lines about requests and memory, and a few others. */
function recorded(name: string): string {
  return readFileSync(new URL(`../../test/fixtures/recorded/${name}-metrics.txt`, import.meta.url), 'utf8');
}

test('the recorded metrics of vLLM and llama-server are understood', () => {
  expect(readGauges(recorded('vllm'))).toEqual({ running: 0, waiting: 0, kvUsed: 0 });
  expect(readGauges(recorded('llama-server'))).toEqual({ running: 0, waiting: 0, kvUsed: undefined });
});

test('those of our own engine are, too', () => {
  const metrics = { ...newEngineMetrics(100), running: 3, waiting: 2, usedCells: 25 };
  expect(readGauges(metricsText(metrics))).toEqual({ running: 3, waiting: 2, kvUsed: 0.25 });
});

test('SGLang and TensorRT-LLM are, by the names that their documentation has', () => {
  const sglang = 'sglang:num_running_reqs{model_name="m"} 4.0\nsglang:num_queue_reqs{model_name="m"} 1.0\nsglang:token_usage{model_name="m"} 0.28\n';
  expect(readGauges(sglang)).toEqual({ running: 4, waiting: 1, kvUsed: 0.28 });
  const tensorrt = 'trtllm_num_requests_running{engine_type="trtllm"} 2\ntrtllm_kv_cache_utilization 0.62\n';
  expect(readGauges(tensorrt)).toEqual({ running: 2, waiting: undefined, kvUsed: 0.62 });
});

test('several ranks of one engine are one: requests add up, and the fullest memory counts', () => {
  const told =
    'vllm:num_requests_running{engine="0"} 2\nvllm:num_requests_running{engine="1"} 3\nvllm:kv_cache_usage_perc{engine="0"} 0.2\nvllm:kv_cache_usage_perc{engine="1"} 1.4\n';
  expect(readGauges(told)).toEqual({ running: 5, waiting: undefined, kvUsed: 1 });
});

test.each([
  ['nothing', ''],
  ['a page', '<html><body>vllm:num_requests_running 3</body></html>'.replace('vllm', ' vllm').replaceAll('\n', '')],
  ['other metrics', 'python_info{version="3"} 1\n'],
  ['a value that is none', 'vllm:num_requests_running NaN\nvllm:num_requests_waiting -1\nvllm:kv_cache_usage_perc\n'],
  ['a name with no end', `${'x'.repeat(100_000)}`],
  ['labels with no end', `vllm:num_requests_running{${'a="b",'.repeat(20_000)}`],
])('%s tells no gauges', (_name, text) => {
  expect(readGauges(text)).toBeUndefined();
});
