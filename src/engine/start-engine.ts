import { BatchLoop } from './batch-loop.ts';
import { measureThreads } from './choose-threads.ts';
import type { ChildOptions } from './child-options.ts';
import type { EngineCore } from './engine-core.ts';
import { newEngineMetrics } from './engine-metrics.ts';
import { loadBindings } from './load-bindings.ts';
import { loadModel, type LoadedModel } from './load-model.ts';
import { needsPadding } from './needs-padding.ts';
import { physicalCores, readSilicon } from './read-silicon.ts';

const batchTokens = 512;
/** Keys and values in f32 take much memory: a longer context has to be asked for. */
const defaultContextTokens = 8192;

/** Loads the model and makes everything that the routes need; `log` gets one line for each thing decided. */
export async function startEngine(options: ChildOptions, log: (line: string) => void): Promise<EngineCore> {
  const nowMs = (): number => performance.now();
  const loaded = await loadBindings(options.gpu);
  const model = await loadModel(loaded, options.modelPath);
  const contextTokens = Math.min(options.contextTokens ?? defaultContextTokens, model.trainContext);
  const cores = physicalCores();
  const onCpu = loaded.backend === 'cpu';
  const context = await model.openContext({
    // A batch of one answer may need another sequence to be padded with.
    sequences: Math.max(options.sequences, 2),
    contextTokens,
    batchTokens: Math.min(batchTokens, contextTokens),
    threads: typeof options.threads === 'number' ? options.threads : cores,
  });
  let threads = typeof options.threads === 'number' ? options.threads : cores;
  if (options.threads === 'measure' && onCpu) {
    const measured = await measureThreads(context, cores, nowMs);
    threads = measured.threads;
    const trials = measured.trials.map((trial) => `${trial.threads}: ${trial.msPerToken.toFixed(2)} ms/token`);
    log(`threads: ${threads} (${trials.join(', ')})`);
  }
  const padBatches = await needsPadding(model, context);
  if (padBatches) log('batches of one token are padded to two, which these weights need for exact continuation');
  const sequences = Math.max(options.sequences, 2);
  const metrics = newEngineMetrics(sequences * contextTokens);
  const loop = new BatchLoop(
    model,
    context,
    { sequences, running: options.sequences, contextTokens, batchTokens, maxWaiting: options.maxWaiting, padBatches, nowMs },
    metrics,
  );
  let embedder: ReturnType<LoadedModel['openEmbedder']> | undefined;
  return {
    model,
    modelName: options.modelName,
    contextTokens,
    loop,
    metrics,
    silicon: readSilicon({
      backend: loaded.backend,
      deviceNames: onCpu ? [] : loaded.bindings.getGpuDeviceInfo().deviceNames,
      threads,
      engineBuild: loaded.build,
    }),
    embed: async (tokens) => {
      embedder ??= model.openEmbedder({ contextTokens, batchTokens: contextTokens, threads });
      return (await embedder)(tokens);
    },
    random: Math.random,
    wallMs: Date.now,
  };
}
