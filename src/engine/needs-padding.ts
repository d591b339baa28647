import type { LoadedModel } from './load-model.ts';
import type { AddonContext, AddonSampler } from './native-bindings.ts';

const probeTokens = 6;

/**
 * Whether these weights give a token other numbers when it is alone in a batch than beside another sequence's: true
 * of llama.cpp's CPU kernels for f32 and f16 weights, not for quantised ones. Needs two sequences.
 */
export async function needsPadding(model: LoadedModel, context: AddonContext): Promise<boolean> {
  const sampler = model.newSampler();
  sampler.applyConfig({ temperature: 0 });
  try {
    const alone = await distributions(model, context, sampler, [0]);
    const beside = await distributions(model, context, sampler, [0, 1]);
    return alone.some((value, index) => value !== beside[index]);
  } finally {
    sampler.dispose();
  }
}

async function distributions(model: LoadedModel, context: AddonContext, sampler: AddonSampler, sequences: readonly number[]): Promise<number[]> {
  const values: number[] = [];
  for (let position = 0; position < probeTokens; position++) {
    context.initBatch(sequences.length);
    let index = 0;
    for (const sequence of sequences) {
      const token = (position * 7919 + sequence * 31 + 11) % model.vocabularySize;
      const [logits] = context.addToBatch(sequence, position, Uint32Array.of(token), Uint32Array.of(0));
      if (sequence === 0) index = logits ?? 0;
    }
    await context.decodeBatch();
    const [, pairs] = await context.sampleToken(index, sampler, true);
    // The order of equal probabilities may differ, the most likely ones do not.
    values.push(...(pairs ?? []).slice(0, 64));
  }
  for (const sequence of sequences) context.disposeSequence(sequence);
  return values;
}
