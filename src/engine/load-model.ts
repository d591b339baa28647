import { readGgufMetadata, type SamplingDefaults } from './gguf-metadata.ts';
import type { LoadedBindings } from './load-bindings.ts';
import type { AddonBindings, AddonContext, AddonGrammar, AddonModel, AddonSampler, GrammarState } from './native-bindings.ts';
import { tokenBytes, type TokenAlphabet } from './token-bytes.ts';

/** A model in memory, with what the engine needs to know about its vocabulary. */
export interface LoadedModel {
  readonly vocabularySize: number;
  readonly trainContext: number;
  readonly chatTemplate: string | undefined;
  readonly sampling: SamplingDefaults;
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
  /** Opens a context for embeddings and returns what turns token ids into a vector, one call after another. */
  readonly openEmbedder: (options: Omit<ContextOptions, 'sequences'>) => Promise<(tokens: readonly number[]) => Promise<readonly number[]>>;
}

export interface ContextOptions {
  readonly sequences: number;
  readonly contextTokens: number;
  readonly batchTokens: number;
  readonly threads: number;
}

/** llama.cpp's attribute bit of control tokens. */
const controlAttribute = 1 << 3;
/** Tags that some vocabularies hold as control tokens, but that are text to whoever parses a tool call. */
const textualTags = new Set(['<tool_call>', '</tool_call>', '<think>', '</think>']);
/** llama.cpp rounds contexts to this, as node-llama-cpp does. */
const contextPadding = 256;
const f32Type = 0;

export async function loadModel(loaded: LoadedBindings, modelPath: string): Promise<LoadedModel> {
  const { bindings } = loaded;
  const metadata = await readGgufMetadata(modelPath);
  const model = await loaded.openModel(modelPath);
  const alphabet: TokenAlphabet = metadata.tokenizer === 'gpt2' ? 'byte-level' : metadata.tokenizer === 'llama' ? 'sentencepiece' : 'plain';
  const bytes: (Uint8Array | undefined)[] = [];
  const tokenize = (text: string): number[] => (text === '' ? [] : Array.from(model.tokenize(text, true)));
  const [bos, eos, eot] = [model.tokenBos(), model.tokenEos(), model.eotToken()];
  const textOf = (token: number): string => (token < 0 ? '' : model.getTokenString(token));
  const endsGeneration = (token: number): boolean => token === eos || token === eot || model.isEogToken(token);
  let endTokens: number[] | undefined;

  return {
    vocabularySize: metadata.vocabularySize,
    trainContext: model.getTrainContextSize(),
    chatTemplate: metadata.chatTemplate,
    sampling: metadata.sampling,
    bosText: textOf(bos),
    eosText: textOf(eos),
    tokenize,
    tokenizePrompt: (text) => {
      const ids = tokenize(text);
      return model.shouldPrependBosToken() && bos >= 0 && ids[0] !== bos ? [bos, ...ids] : ids;
    },
    bytesOf: (token) => (bytes[token] ??= readBytes(model, token, alphabet)),
    endsGeneration,
    endTokens: () => (endTokens ??= Array.from({ length: metadata.vocabularySize }, (_, token) => token).filter(endsGeneration)),
    newSampler: () => new bindings.AddonSampler(model),
    renderTemplate: templateRenderer(bindings, metadata.chatTemplate),
    grammarFor: (gbnf) => new bindings.AddonGrammar(gbnf, { addonExports: bindings, rootRuleName: 'root' }),
    startGrammar: (grammar) => new bindings.AddonGrammarEvaluationState(model, grammar),
    advanceGrammar: (state, token) => bindings.AddonSampler.acceptGrammarEvaluationStateToken(state, token),
    openContext: (options) => openContext(bindings, model, options, false),
    openEmbedder: (options) => openEmbedder(bindings, model, options),
  };
}

async function openContext(bindings: AddonBindings, model: AddonModel, options: ContextOptions, embeddings: boolean): Promise<AddonContext> {
  const cells = options.contextTokens * options.sequences;
  const context = new bindings.AddonContext(model, {
    contextSize: Math.ceil(cells / contextPadding) * contextPadding,
    batchSize: Math.max(options.batchTokens, options.sequences),
    sequences: options.sequences,
    threads: options.threads,
    embeddings,
    // f32 keys and values and no flash attention: a continuation must meet the same numbers on another engine.
    flashAttention: false,
    kvCacheKeyType: f32Type,
    kvCacheValueType: f32Type,
  });
  if (await context.init()) return context;
  throw new Error(`llama.cpp cannot make a context of ${cells} tokens: there may be too little memory.`);
}

async function openEmbedder(
  bindings: AddonBindings,
  model: AddonModel,
  options: Omit<ContextOptions, 'sequences'>,
): Promise<(tokens: readonly number[]) => Promise<readonly number[]>> {
  const context = await openContext(bindings, model, { ...options, sequences: 1 }, true);
  let last: Promise<unknown> = Promise.resolve();
  const embed = async (tokens: readonly number[]): Promise<readonly number[]> => {
    context.removeTokenCellsFromSequence(0, 0, -1);
    context.initBatch(tokens.length);
    context.addToBatch(0, 0, Uint32Array.from(tokens), Uint32Array.of(tokens.length - 1));
    await context.decodeBatch();
    return Array.from(context.getEmbedding(tokens.length));
  };
  return (tokens) => {
    // The context holds one batch at a time.
    const mine = last.then(() => embed(tokens));
    last = mine.catch(() => undefined);
    return mine;
  };
}

function readBytes(model: AddonModel, token: number, alphabet: TokenAlphabet): Uint8Array {
  const text = model.getTokenString(token);
  const control = (model.getTokenAttributes(token) & controlAttribute) !== 0;
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
