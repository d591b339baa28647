import { keyedDraw } from './keyed-draw.ts';
import type { LoadedModel } from './load-model.ts';
import type { AddonContext, AddonSampler, GrammarState, SamplerConfig } from './native-bindings.ts';
import type { Sampling } from './sampling.ts';
import type { TokenLogprobs } from './token-release.ts';

export interface PickedToken {
  readonly id: number;
  readonly logprobs?: TokenLogprobs | undefined;
}

/** Picks the tokens of one answer from the logits of each step. */
export class TokenPicker {
  readonly #sampling: Sampling;
  readonly #sampler: AddonSampler;
  /** Sees the model's own distribution, before temperature, penalties and grammar, as OpenAI's logprobs do. */
  readonly #probe: AddonSampler | undefined;
  readonly #config: SamplerConfig;
  #configured = false;

  /** `generated` are the tokens of this answer that another engine produced before. */
  constructor(model: LoadedModel, sampling: Sampling, contextTokens: number, generated: readonly number[]) {
    this.#sampling = sampling;
    this.#sampler = model.newSampler();
    this.#config = samplerConfig(model, sampling, contextTokens, generated);
    if (sampling.topLogprobs !== undefined) {
      this.#probe = model.newSampler();
      this.#probe.applyConfig({ temperature: 0 });
    }
  }

  /** `position` is the place in the sequence that the token will take; `generated` the answer so far. */
  async pick(context: AddonContext, logitIndex: number, position: number, generated: readonly number[]): Promise<PickedToken> {
    this.#prepare(position, generated);
    if (this.#probe === undefined) return { id: await context.sampleToken(logitIndex, this.#sampler) };
    const [, pairs] = await context.sampleToken(logitIndex, this.#probe, true);
    const id = await context.sampleToken(logitIndex, this.#sampler);
    return { id, logprobs: readLogprobs(pairs ?? [], id, this.#sampling.topLogprobs ?? 0) };
  }

  dispose(): void {
    this.#sampler.dispose();
    this.#probe?.dispose();
  }

  #prepare(position: number, generated: readonly number[]): void {
    const draws = this.#sampling.temperature > 0;
    const penalises = this.#config.repeatPenaltyMaxTokens !== undefined;
    if (this.#configured && !draws && !penalises) return;
    this.#configured = true;
    if (draws) this.#config.seed = keyedDraw(this.#sampling.seed, position);
    if (penalises) this.#config.repeatPenaltyTokens = Uint32Array.from(generated);
    this.#sampler.applyConfig(this.#config);
  }
}

function samplerConfig(model: LoadedModel, sampling: Sampling, contextTokens: number, generated: readonly number[]): SamplerConfig {
  const config: SamplerConfig = { temperature: sampling.temperature };
  if (sampling.topP < 1) config.topP = sampling.topP;
  if (sampling.topK > 0) config.topK = sampling.topK;
  if (sampling.minP > 0) config.minP = sampling.minP;
  if (sampling.bias.length > 0) {
    config.tokenBiasKeys = Uint32Array.from(sampling.bias, ([token]) => token);
    config.tokenBiasValues = Float32Array.from(sampling.bias, ([, bias]) => bias);
  }
  if (sampling.frequencyPenalty !== 0 || sampling.presencePenalty !== 0) {
    config.repeatPenaltyMaxTokens = contextTokens;
    config.repeatPenaltyFrequencyPenalty = sampling.frequencyPenalty;
    config.repeatPenaltyPresencePenalty = sampling.presencePenalty;
  }
  if (sampling.grammar !== undefined) {
    const state: GrammarState = model.startGrammar(sampling.grammar);
    for (const token of generated) model.advanceGrammar(state, token);
    config.grammarEvaluationState = state;
  }
  return config;
}

/** The native probe returns [token, probability, …], most likely first. */
function readLogprobs(pairs: readonly number[], picked: number, count: number): TokenLogprobs {
  const top: { id: number; logprob: number }[] = [];
  let logprob = Number.NEGATIVE_INFINITY;
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const id = pairs[index] ?? -1;
    if (top.length >= count && id !== picked) continue;
    const value = Math.max(Math.log(pairs[index + 1] ?? 0), -9999);
    if (id === picked) logprob = value;
    if (top.length < count) top.push({ id, logprob: value });
    if (top.length >= count && logprob !== Number.NEGATIVE_INFINITY) break;
  }
  return { logprob: Math.max(logprob, -9999), top };
}
