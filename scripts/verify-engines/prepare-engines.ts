import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { buildLlamaServer } from './build-llama-server.ts';
import { exportModel } from './export-model.ts';
import { findTransformers, installVllm, vllmPython } from './install-vllm.ts';
import { llamaServerRecipe, ownRecipe, transformersRecipe, vllmRecipe } from './engine-recipes.ts';
import { repository } from './engine-folder.ts';
import { success, type Result } from '../../src/std/result.ts';
import type { EngineRecipe } from './engine-process.ts';

export interface PreparedEngines {
  /** Those that hold one model together and continue each other's answers. */
  readonly fleet: readonly EngineRecipe[];
  /** Those that others make and people run, each asked alone. */
  readonly alone: readonly EngineRecipe[];
}

/** Installs what is missing, and gives the engines to start, or in one sentence why this machine cannot have them. */
export async function prepareEngines(): Promise<Result<PreparedEngines, string>> {
  const vllm = await installVllm();
  if (!vllm.ok) return vllm;
  const llamaServer = await buildLlamaServer();
  if (!llamaServer.ok) return llamaServer;
  const exported = await exportModel(vllmPython);
  if (!exported.ok) return exported;
  const transformers = await findTransformers();
  if (!transformers.ok) return transformers;
  const own = `llama.cpp by node-llama-cpp ${bindingVersion()}`;
  const others = [vllmRecipe(vllm.value), llamaServerRecipe(llamaServer.value, 'f32')];
  return success({
    fleet: [...others, llamaServerRecipe(llamaServer.value, 'f16'), ownRecipe('f32', own), ownRecipe('q8', own)],
    alone: [...others, transformersRecipe(transformers.value)],
  });
}

function bindingVersion(): string {
  const about: unknown = JSON.parse(readFileSync(join(repository, 'node_modules/node-llama-cpp/package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(about).version;
}
