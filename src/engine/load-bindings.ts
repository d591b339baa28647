import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import type { EngineGpu } from './engine-options.ts';
import { addonBindings, addonModel, isAddonBindings, type AddonBindings, type AddonModel } from './native-bindings.ts';

/** The native library, ready for use, and how a model is loaded with it. */
export interface LoadedBindings {
  readonly bindings: AddonBindings;
  readonly backend: 'cpu' | 'cuda' | 'vulkan' | 'metal';
  readonly build: string;
  readonly openModel: (path: string) => Promise<AddonModel>;
}

/** How node-llama-cpp's binary packages name systems. */
const platformNames: Readonly<Record<string, string>> = { win32: 'win', darwin: 'mac' };
/** llama.cpp's log levels, as the addon counts them. */
const errorLevel = 2;

/**
 * Loads llama.cpp. Where only the CPU is wanted and a prebuilt binary fits, that binary is loaded directly: that takes
 * 0.1 s, where node-llama-cpp's own way takes 0.9 s, and after a crash every moment counts. (It first tries the binary
 * in a process of its own, which we are already.) Everything else is left to node-llama-cpp.
 */
export async function loadBindings(gpu: EngineGpu): Promise<LoadedBindings> {
  if (gpu === false) {
    const direct = await loadCpuBinary();
    if (direct !== undefined) return direct;
  }
  return loadByLibrary(gpu);
}

async function loadCpuBinary(): Promise<LoadedBindings | undefined> {
  const arch = process.arch === 'arm' ? 'armv7l' : process.arch;
  const name = `${platformNames[process.platform] ?? process.platform}-${arch}`;
  let folder: string;
  let loaded: unknown;
  try {
    const found: unknown = await import(`@node-llama-cpp/${name}`);
    const { getBinsDir } = z.object({ getBinsDir: z.function({ input: [], output: z.object({ binsDir: z.string() }) }) }).parse(found);
    folder = join(getBinsDir().binsDir, name);
    loaded = createRequire(import.meta.url)(join(folder, 'llama-addon.node'));
  } catch {
    return undefined;
  }
  if (!isAddonBindings(loaded)) return undefined;
  const bindings = loaded;
  bindings.markLoaded();
  bindings.setLogger((_level, message) => void process.stderr.write(message));
  bindings.setLoggerLogLevel(errorLevel);
  bindings.loadBackends();
  if (bindings.getGpuType() === undefined) bindings.loadBackends(folder);
  if (bindings.getGpuType() !== false) return undefined;
  await bindings.init();
  return {
    bindings,
    backend: 'cpu',
    build: `llama.cpp ${readRelease(folder)} (prebuilt for ${name})`,
    openModel: async (path) => {
      const model = new bindings.AddonModel(path, { addonExports: bindings, gpuLayers: 0, useMmap: true });
      if (await model.init()) return model;
      throw new Error(`llama.cpp cannot load ${path}.`);
    },
  };
}

function readRelease(folder: string): string {
  try {
    const text = readFileSync(join(folder, '_nlcBuildMetadata.json'), 'utf8');
    const metadata = z.object({ buildOptions: z.object({ llamaCpp: z.object({ release: z.string() }) }) }).parse(JSON.parse(text));
    return metadata.buildOptions.llamaCpp.release;
  } catch {
    return 'of unknown release';
  }
}

async function loadByLibrary(gpu: EngineGpu): Promise<LoadedBindings> {
  // It would otherwise try to download sources, or to compile for ten minutes, where its binary does not fit.
  process.env['NODE_LLAMA_CPP_SKIP_DOWNLOAD'] = 'true';
  const library = await import('node-llama-cpp');
  const llama = await library
    .getLlama({ build: 'never', gpu, progressLogs: false, logLevel: library.LlamaLogLevel.error })
    .catch((thrown: unknown) => {
      if (!(thrown instanceof library.NoBinaryFoundError)) throw thrown;
      const wanted = gpu === false ? 'the CPU' : gpu;
      throw new Error(`no build of llama.cpp for ${wanted} is installed that runs on ${process.platform} ${process.arch}.`);
    });
  return {
    bindings: addonBindings(llama),
    backend: llama.gpu === false ? 'cpu' : llama.gpu,
    build: `llama.cpp ${llama.llamaCppRelease.release} (node-llama-cpp, ${llama.buildType})`,
    // It knows how many layers fit the GPU's memory.
    openModel: async (path) => addonModel(await llama.loadModel({ modelPath: path, defaultContextFlashAttention: false })),
  };
}
