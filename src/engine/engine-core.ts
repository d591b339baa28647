import type { AnswerMeta } from './answer-shape.ts';
import type { BatchLoop } from './batch-loop.ts';
import { EngineFailure, engineErrors } from './engine-error.ts';
import type { EngineMetrics } from './engine-metrics.ts';
import type { LoadedModel } from './load-model.ts';
import type { Silicon } from './silicon.ts';

/** Everything that the routes of one engine process share. */
export interface EngineCore {
  readonly model: LoadedModel;
  readonly modelName: string;
  readonly contextTokens: number;
  readonly loop: BatchLoop;
  readonly metrics: EngineMetrics;
  readonly silicon: Silicon;
  readonly embed: (tokens: readonly number[]) => Promise<readonly number[]>;
  readonly random: () => number;
  readonly wallMs: () => number;
}

export function requireModel(core: EngineCore, name: string): void {
  if (name !== core.modelName) throw new EngineFailure(engineErrors.modelNotFound(name));
}

/** No vocabulary's tokens are this long on average; longer texts are refused before the time to tokenise them is spent. */
const mostBytesPerToken = 256;

export function promptTokens(core: EngineCore, text: string): number[] {
  const bytes = Buffer.byteLength(text);
  if (bytes > core.contextTokens * mostBytesPerToken) throw new EngineFailure(engineErrors.promptTooLong(core.contextTokens, bytes));
  return core.model.tokenizePrompt(text);
}

/** How many tokens an answer may have; throws where prompt and answer do not fit the context. */
export function answerLimit(core: EngineCore, used: number, asked: number | null | undefined): number {
  const left = core.contextTokens - used;
  if (left < 1 || (asked ?? 1) > left) {
    throw new EngineFailure(engineErrors.contextLength(core.contextTokens, used, asked ?? 1));
  }
  return asked ?? left;
}

export function answerMeta(
  core: EngineCore,
  prefix: string,
  about: Pick<AnswerMeta, 'promptTokenIds' | 'returnTokenIds' | 'logprobs' | 'seed'>,
): AnswerMeta {
  let id = prefix;
  while (id.length < prefix.length + 24) id += Math.floor(core.random() * 16).toString(16);
  return { id, created: Math.floor(core.wallMs() / 1000), model: core.modelName, ...about };
}
