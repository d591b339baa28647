import type { Llama, LlamaModel, Token } from 'node-llama-cpp';
import type { EngineGpu } from './engine-options.ts';
import {
  addonBindings,
  addonContext,
  addonModel,
  type AddonBindings,
  type AddonContext,
  type AddonGrammar,
  type AddonModel,
  type AddonSampler,
  type GrammarState,
} from './native-bindings.ts';
import { tokenBytes, type TokenAlphabet } from './token-bytes.ts';

/** A model in memory, with what the engine needs to know about its vocabulary. */
export interface LoadedModel {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly vocabularySize: number;
  readonly trainContext: number;
  readonly chatTemplate: string | undefined;
  readonly bosText: string;
  readonly eosText: string;
  readonly tokenize: (text: string) => number[];
  /** As `tokenize`, with the beginning-of-sequence token where the model wants one. */
  readonly tokenizePrompt: (text: string) => number[];
  readonly bytesOf: (token: number) => Uint8Array;
  readonly endsGeneration: (token: number) => boolean;
  /** Every token for which `endsGeneration`. */
  readonly endTokens: () => readonly number[];
  readonly newSampler: () => AddonSampler;
  readonly renderTemplate: (variables: Record<string, unknown>) => string;
  readonly grammarFor: (gbnf: string) => AddonGrammar;
  readonly startGrammar: (grammar: AddonGrammar) => GrammarState;
  readonly advanceGrammar: (state: GrammarState, token: number) => void;
  readonly openContext: (options: ContextOptions) => Promise<AddonContext>;
  /** Opens a context for embeddings and returns what turns token ids into a vector. */
  readonly openEmbedder: (options: ContextOptions) => Promise<(tokens: readonly number[]) => Promise<readonly number[]>>;
}

export interface ContextOptions {
  readonly sequences: number;
  readonly contextTokens: number;
  readonly batchTokens: number;
  readonly threads: number;
}

/** llama.cpp's attribute bits of a token. */
const controlAttribute = 1 << 3;
/** Tags that some vocabularies hold as control tokens, but that are text to whoever parses a tool call. */
const textualTags = new Set(['<tool_call>', '</tool_call>', '<think>', '</think>']);

export async function loadModel(modelPath: string, gpu: EngineGpu): Promise<LoadedModel> {
  // It would otherwise try to download sources, or to compile for ten minutes, where its binary does not fit.
  process.env['NODE_LLAMA_CPP_SKIP_DOWNLOAD'] = 'true';
  const library = await import('node-llama-cpp');
  const llama = await library.getLlama({
    build: 'never',
    gpu,
    progressLogs: false,
    logLevel: library.LlamaLogLevel.error,
    // Two engines share the demo's two cores, and each measures its own best thread count.
    maxThreads: 0,
  });
  const model = await llama.loadModel({ modelPath, defaultContextFlashAttention: false });
  const bindings = addonBindings(llama);
  const native = addonModel(model);
  const metadata = model.fileInfo.metadata;
  const tokenizer = metadata.tokenizer.ggml;
  const vocabularySize = tokenizer.tokens.length;
  const alphabet: TokenAlphabet = tokenizer.model === 'gpt2' ? 'byte-level' : tokenizer.model === 'llama' ? 'sentencepiece' : 'plain';
  const renderer = templateRenderer(bindings, metadata.tokenizer.chat_template);
  const bytes: (Uint8Array | undefined)[] = [];
  const tokenize = (text: string): number[] => (text === '' ? [] : Array.from(native.tokenize(text, true)));
  const bos = model.tokens.bos;
  const { eos, eot } = model.tokens;
  const endsGeneration = (token: number): boolean => token === eos || token === eot || native.isEogToken(token);
  let endTokens: number[] | undefined;

  return {
    llama,
    model,
    vocabularySize,
    trainContext: model.trainContextSize,
    chatTemplate: metadata.tokenizer.chat_template,
    bosText: model.tokens.bosString ?? '',
    eosText: model.tokens.eosString ?? '',
    tokenize,
    tokenizePrompt: (text) => {
      const ids = tokenize(text);
      return native.shouldPrependBosToken() && bos !== null && ids[0] !== bos ? [bos, ...ids] : ids;
    },
    bytesOf: (token) => (bytes[token] ??= readBytes(native, token, alphabet)),
    endsGeneration,
    endTokens: () => (endTokens ??= Array.from({ length: vocabularySize }, (_, token) => token).filter(endsGeneration)),
    newSampler: () => new bindings.AddonSampler(native),
    renderTemplate: renderer,
    grammarFor: (gbnf) => new bindings.AddonGrammar(gbnf, { addonExports: bindings, rootRuleName: 'root' }),
    startGrammar: (grammar) => new bindings.AddonGrammarEvaluationState(native, grammar),
    advanceGrammar: (state, token) => bindings.AddonSampler.acceptGrammarEvaluationStateToken(state, token),
    openContext: async (options) => addonContext(await openContext(model, options)),
    openEmbedder: (options) => openEmbedder(model, options),
  };
}

function openContext(model: LlamaModel, options: ContextOptions): Promise<object> {
  return model.createContext({
    sequences: options.sequences,
    contextSize: options.contextTokens,
    batchSize: options.batchTokens,
    threads: options.threads,
    // f32 keys and values and no flash attention: a continuation must meet the same numbers on another engine.
    flashAttention: false,
    experimentalKvCacheKeyType: 'F32',
    experimentalKvCacheValueType: 'F32',
    failedCreationRemedy: false,
  });
}

async function openEmbedder(model: LlamaModel, options: ContextOptions): Promise<(tokens: readonly number[]) => Promise<readonly number[]>> {
  const context = await model.createEmbeddingContext({
    contextSize: options.contextTokens,
    batchSize: options.contextTokens,
    threads: options.threads,
  });
  return async (tokens) => (await context.getEmbeddingFor(tokens.filter(isToken))).vector;
}

function isToken(id: number): id is Token {
  return Number.isInteger(id);
}

function readBytes(native: AddonModel, token: number, alphabet: TokenAlphabet): Uint8Array {
  const text = native.getTokenString(token);
  const control = (native.getTokenAttributes(token) & controlAttribute) !== 0;
  if (control && !textualTags.has(text)) return new Uint8Array(0);
  return tokenBytes(text, alphabet);
}

function templateRenderer(bindings: AddonBindings, template: string | undefined): (variables: Record<string, unknown>) => string {
  if (template === undefined) {
    return () => {
      throw new Error('This model has no chat template.');
    };
  }
  const renderer = new bindings.AddonJinjaRenderer(template);
  return (variables) => renderer.render(variables);
}
