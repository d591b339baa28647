import { z } from 'zod';
import type { JsonObject } from './read-json-object.ts';

const MODEL_CHARACTERS = 256;
const MODELS = 16;

export const modelShape = z.string().min(1).max(MODEL_CHARACTERS);

/** Models to try in turn, in the ecosystem's `models` field: ours, removed before dispatch. */
export const modelsShape = z.array(modelShape).max(MODELS).nullish();

/** A body without `model` is one for the first of its `models`. */
export function withModel(body: JsonObject): JsonObject {
  const { models } = body;
  return Object.hasOwn(body, 'model') || !Array.isArray(models) || models.length === 0 ? body : { ...body, model: models[0] };
}

/** Those to try after the first, each once. */
export function otherModels(model: string, models: readonly string[] | null | undefined): readonly string[] {
  if (models === undefined || models === null || models.length === 0) return none;
  return [...new Set(models)].filter((name) => name !== model);
}

const none: readonly string[] = [];
