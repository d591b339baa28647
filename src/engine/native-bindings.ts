/*
 * The parts of node-llama-cpp's native addon that the engine drives itself, because its own batching must decide
 * which tokens share a batch (see prefill-plan.ts) and its sampling must be seeded per token. node-llama-cpp keeps
 * them on fields that its type declarations leave out, so this file is the one place that reads and checks them.
 */

export interface AddonSampler {
  dispose(): void;
  applyConfig(config: SamplerConfig): void;
}

export interface SamplerConfig {
  temperature?: number;
  minP?: number;
  topK?: number;
  topP?: number;
  seed?: number;
  repeatPenaltyTokens?: Uint32Array;
  repeatPenaltyMaxTokens?: number;
  repeatPenaltyPresencePenalty?: number;
  repeatPenaltyFrequencyPenalty?: number;
  grammarEvaluationState?: GrammarState;
  tokenBiasKeys?: Uint32Array;
  tokenBiasValues?: Float32Array;
}

/** An opaque native object. */
export interface GrammarState {
  readonly constructor: unknown;
}

export interface AddonGrammar {
  isTextCompatible(text: string): boolean;
}

export interface AddonContext {
  init(): Promise<boolean>;
  initBatch(size: number): void;
  addToBatch(sequenceId: number, firstPosition: number, tokens: Uint32Array, logitIndexes: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(logitIndex: number, sampler: AddonSampler): Promise<number>;
  sampleToken(logitIndex: number, sampler: AddonSampler, probabilities: true): Promise<[token: number, probabilities: readonly number[] | undefined]>;
  disposeSequence(sequenceId: number): void;
  removeTokenCellsFromSequence(sequenceId: number, start: number, end: number): boolean;
  getEmbedding(inputTokens: number): Float64Array;
  getThreads(): number;
  setThreads(threads: number): void;
}

export interface AddonModel {
  init(): Promise<boolean>;
  getTrainContextSize(): number;
  /** Negative where the model has no such token. */
  tokenBos(): number;
  tokenEos(): number;
  eotToken(): number;
  tokenize(text: string, specialTokens: boolean): Uint32Array;
  getTokenString(token: number): string;
  getTokenAttributes(token: number): number;
  isEogToken(token: number): boolean;
  shouldPrependBosToken(): boolean;
}

export interface AddonJinjaRenderer {
  render(items: Record<string, unknown>): string;
}

export interface ContextParameters {
  contextSize: number;
  batchSize: number;
  sequences: number;
  threads: number;
  embeddings: boolean;
  flashAttention: boolean;
  kvCacheKeyType: number;
  kvCacheValueType: number;
}

export interface AddonBindings {
  readonly AddonModel: new (path: string, options: { addonExports: AddonBindings; gpuLayers: number; useMmap: boolean }) => AddonModel;
  readonly AddonContext: new (model: AddonModel, parameters: ContextParameters) => AddonContext;
  readonly AddonSampler: {
    new (model: AddonModel): AddonSampler;
    acceptGrammarEvaluationStateToken(state: GrammarState, token: number): void;
  };
  readonly AddonGrammar: new (gbnf: string, options: { addonExports: AddonBindings; rootRuleName: string }) => AddonGrammar;
  readonly AddonGrammarEvaluationState: new (model: AddonModel, grammar: AddonGrammar) => GrammarState;
  readonly AddonJinjaRenderer: new (template: string) => AddonJinjaRenderer;
  markLoaded(): boolean;
  setLogger(logger: (level: number, message: string) => void): void;
  setLoggerLogLevel(level: number): void;
  loadBackends(folder?: string): void;
  /** `undefined` before any backend is loaded. */
  getGpuType(): 'cuda' | 'vulkan' | 'metal' | false | undefined;
  init(): Promise<void>;
  getGpuDeviceInfo(): { deviceNames: string[] };
}

/** Reads an undeclared field of a node-llama-cpp object, if it still has the members that are used here. */
function nativeField<Native>(owner: object, field: string, members: readonly (keyof Native & string)[]): Native {
  const value: unknown = Reflect.get(owner, field);
  if (hasMembers<Native>(value, members)) return value;
  throw new Error(`This node-llama-cpp has no ${field} with ${members.join(', ')}: the engine was written against 3.21.1.`);
}

function hasMembers<Native>(value: unknown, members: readonly (keyof Native & string)[]): value is Native {
  return typeof value === 'object' && value !== null && members.every((member) => typeof Reflect.get(value, member) === 'function');
}

const bindingMembers = [
  'AddonModel',
  'AddonContext',
  'AddonSampler',
  'AddonGrammar',
  'AddonGrammarEvaluationState',
  'AddonJinjaRenderer',
  'loadBackends',
  'getGpuType',
] as const;

export function isAddonBindings(value: unknown): value is AddonBindings {
  return hasMembers<AddonBindings>(value, bindingMembers);
}

export function addonBindings(llama: object): AddonBindings {
  return nativeField<AddonBindings>(llama, '_bindings', bindingMembers);
}

export function addonModel(model: object): AddonModel {
  return nativeField<AddonModel>(model, '_model', ['tokenize', 'getTokenString', 'getTokenAttributes', 'isEogToken', 'tokenBos']);
}
