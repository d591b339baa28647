import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
/** Where everything of gigabytes goes; git ignores it. */
export const engineFolder = join(repository, '.engines');
export const modelName = 'second-source-demo';

const models = join(engineFolder, 'model');

/** One set of weights in the forms that the engines load. */
export const modelFiles = {
  /** What all others are made from. */
  master: join(repository, 'models/demo/weights/model.safetensors'),
  folder: models,
  /** f32 safetensors, tokenizer and template: vLLM. */
  safetensors: join(models, modelName),
  /** The same numbers for llama.cpp. */
  f32: join(models, `${modelName}.f32.gguf`),
  /** The committed model: the same numbers rounded to Q8_0. */
  q8: join(models, `${modelName}.gguf`),
} as const;
