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
  tokenize(text: string, specialTokens: boolean): Uint32Array;
  getTokenString(token: number): string;
  getTokenAttributes(token: number): number;
  isEogToken(token: number): boolean;
  shouldPrependBosToken(): boolean;
}

export interface AddonJinjaRenderer {
  render(items: Record<string, unknown>): string;
}

export interface AddonBindings {
  readonly AddonSampler: {
    new (model: AddonModel): AddonSampler;
    acceptGrammarEvaluationStateToken(state: GrammarState, token: number): void;
  };
  readonly AddonGrammar: new (gbnf: string, options: { addonExports: AddonBindings; rootRuleName: string }) => AddonGrammar;
  readonly AddonGrammarEvaluationState: new (model: AddonModel, grammar: AddonGrammar) => GrammarState;
  readonly AddonJinjaRenderer: new (template: string) => AddonJinjaRenderer;
  systemInfo(): string;
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

export function addonBindings(llama: object): AddonBindings {
  const members = ['AddonSampler', 'AddonGrammar', 'AddonGrammarEvaluationState', 'AddonJinjaRenderer', 'systemInfo'] as const;
  return nativeField<AddonBindings>(llama, '_bindings', members);
}

export function addonModel(model: object): AddonModel {
  return nativeField<AddonModel>(model, '_model', ['tokenize', 'getTokenString', 'getTokenAttributes', 'isEogToken']);
}

export function addonContext(context: object): AddonContext {
  return nativeField<AddonContext>(context, '_ctx', ['initBatch', 'addToBatch', 'decodeBatch', 'sampleToken', 'disposeSequence']);
}
