import type { ServerResponse } from 'node:http';
import { promptTokens, requireModel, type EngineCore } from './engine-core.ts';
import { EngineFailure, engineErrors } from './engine-error.ts';
import { embeddingRequest, parseRequest, type EmbeddingRequest } from './request-schema.ts';
import { writeJson } from './write-answer.ts';

export async function answerEmbedding(core: EngineCore, body: string, response: ServerResponse): Promise<void> {
  const request = parseRequest(embeddingRequest, body);
  requireModel(core, request.model);
  if (typeof request.dimensions === 'number') {
    throw new EngineFailure(engineErrors.unsupported('dimensions', 'This engine returns whole embeddings only.'));
  }
  const inputs = inputTokens(core, request.input);
  const data: object[] = [];
  let total = 0;
  for (const [index, tokens] of inputs.entries()) {
    if (tokens.length >= core.contextTokens) {
      throw new EngineFailure(engineErrors.contextLength(core.contextTokens, tokens.length, 1));
    }
    if (response.destroyed) return;
    const vector = unitVector(await core.embed(tokens));
    total += tokens.length;
    const embedding = request.encoding_format === 'base64' ? base64Floats(vector) : vector;
    data.push({ object: 'embedding', index, embedding });
  }
  const usage = { prompt_tokens: total, total_tokens: total };
  writeJson(response, 200, JSON.stringify({ object: 'list', data, model: core.modelName, usage }));
}

function inputTokens(core: EngineCore, input: EmbeddingRequest['input']): readonly (readonly number[])[] {
  if (typeof input === 'string') return [promptTokens(core, input)];
  const numbers = input.filter((item) => typeof item === 'number');
  const lists = numbers.length > 0 ? [numbers] : input.map((item) => (typeof item === 'string' ? promptTokens(core, item) : [item].flat()));
  for (const token of lists.flat()) {
    if (token >= core.model.vocabularySize) {
      throw new EngineFailure(engineErrors.invalidField('input', `input: the model has no token ${token}.`));
    }
  }
  return lists;
}

/** OpenAI's embeddings have length one. */
function unitVector(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

function base64Floats(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
