import { join } from 'node:path';
import { modelFiles, modelName, repository } from './engine-folder.ts';
import type { ChildArguments } from '../../src/engine/child-options.ts';
import type { EngineRecipe } from './engine-process.ts';
import type { Installed } from './install-vllm.ts';

export const contextTokens = 1024;

function flags(given: Readonly<Record<string, string | number | true>>): string[] {
  return Object.entries(given).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]));
}

/** vLLM on the CPU in f32, its cores shared with the others. */
export function vllmRecipe({ program, version }: Installed): EngineRecipe {
  return {
    id: 'vllm',
    version: `vLLM ${version}`,
    program,
    args: (port) => [
      'serve',
      modelFiles.safetensors,
      ...flags({
        'served-model-name': modelName,
        host: '127.0.0.1',
        port,
        dtype: 'float32',
        'max-model-len': contextTokens,
        'enforce-eager': true,
        'max-num-seqs': 8,
        'enable-auto-tool-choice': true,
        'tool-call-parser': 'hermes',
      }),
    ],
    env: {
      HF_HUB_OFFLINE: '1',
      TRANSFORMERS_OFFLINE: '1',
      VLLM_CPU_KVCACHE_SPACE: '1',
      // One thread each: a model this small gains nothing from more, and five engines share the cores.
      VLLM_CPU_OMP_THREADS_BIND: 'nobind',
      OMP_NUM_THREADS: '1',
      VLLM_NO_USAGE_STATS: '1',
      VLLM_TARGET_DEVICE: 'cpu',
    },
    readyTimeoutMs: 600_000,
    profile: 'vllm',
    core: 'VLLM::EngineCore',
    runningGauge: 'vllm:num_requests_running',
    upstreamModel: modelName,
    listsModels: true,
  };
}

/** `transformers serve` in vLLM's environment; it names the model by its path, and cannot list it. */
export function transformersRecipe({ program, version }: Installed): EngineRecipe {
  return {
    id: 'transformers-serve',
    version: `transformers serve ${version}`,
    program,
    args: (port) => ['serve', modelFiles.safetensors, ...flags({ host: '127.0.0.1', port, device: 'cpu', dtype: 'float32' })],
    env: { HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', OMP_NUM_THREADS: '1' },
    readyTimeoutMs: 120_000,
    profile: 'transformers-serve',
    core: undefined,
    runningGauge: undefined,
    upstreamModel: modelFiles.safetensors,
    listsModels: false,
  };
}

/** What llama-server keeps of keys and values: f32 for exactness, f16 as it does by itself. */
export type CachePrecision = 'f32' | 'f16';

export function llamaServerRecipe({ program, version }: Installed, cache: CachePrecision): EngineRecipe {
  const exact = cache === 'f32' ? { 'cache-type-k': 'f32', 'cache-type-v': 'f32', 'flash-attn': 'off' } : {};
  return {
    id: cache === 'f32' ? 'llama-server' : 'llama-server-f16',
    version: `llama-server ${version}, ${cache} cache`,
    program,
    args: (port) =>
      flags({
        model: modelFiles.f32,
        alias: modelName,
        host: '127.0.0.1',
        port,
        jinja: true,
        metrics: true,
        parallel: 4,
        'ctx-size': 4 * contextTokens,
        threads: 1,
        ...exact,
      }),
    env: {},
    readyTimeoutMs: 30_000,
    // Its streams know vLLM's form too and then repeat nothing; this is what it does by itself.
    profile: 'llama.cpp',
    core: undefined,
    runningGauge: 'llamacpp:requests_processing',
    upstreamModel: modelName,
    listsModels: true,
  };
}

/** Our own engine as a process with a port; the product itself speaks with it over a socket. */
export function ownRecipe(weights: 'f32' | 'q8', version: string): EngineRecipe {
  const given = (port: number): ChildArguments => ({ modelPath: modelFiles[weights], modelName, port, threads: 1 });
  return {
    id: weights === 'f32' ? 'ours' : 'ours-q8',
    version: `our engine, ${version}, ${weights} weights`,
    program: process.execPath,
    args: (port) => ['--disable-warning=ExperimentalWarning', join(repository, 'src/engine/main.ts'), JSON.stringify(given(port))],
    // llama.cpp keeps its worker threads per calling thread: with several callers they fight over the cores.
    env: { NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true', UV_THREADPOOL_SIZE: '1' },
    readyTimeoutMs: 60_000,
    profile: 'second-source',
    core: undefined,
    runningGauge: 'second_source_engine_requests_running',
    upstreamModel: modelName,
    listsModels: true,
  };
}
