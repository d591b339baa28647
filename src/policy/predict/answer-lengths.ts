import type { Ask } from '../choice/ask.ts';

/** Bins of a histogram grow by a quarter: quantiles are known to about a tenth. */
const bins = 64;
const perBin = Math.log(1.25);
/** What is known is halved at so many answers, so that a change of use shows within as many. */
const halvedAt = 400;
/** So many answers of a kind are worth more than those of all kinds. */
const enough = 30;
/** Answers shorter than this keep no limit a token that the rest could keep: they do not count for more. */
const leastSteps = 4;
const usualTokens = 200;
const promptKinds = 6;
const limitKinds = 8;

/** How long answers of one kind are. */
class LengthHistogram {
  readonly #counts = new Uint32Array(bins);
  #tokens = 0;
  #reciprocals = 0;
  count = 0;

  get mean(): number {
    return this.count === 0 ? usualTokens : this.#tokens / this.count;
  }

  get meanReciprocal(): number {
    return this.count === 0 ? 1 / usualTokens : this.#reciprocals / this.count;
  }

  add(tokens: number, bin: number, reciprocal: number): void {
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#tokens += tokens;
    this.#reciprocals += reciprocal;
    this.count += 1;
    if (this.count < halvedAt) return;
    const before = this.count;
    this.count = 0;
    for (let index = 0; index < bins; index += 1) this.count += this.#counts[index] = (this.#counts[index] ?? 0) >> 1;
    this.#tokens *= this.count / before;
    this.#reciprocals *= this.count / before;
  }

  /** The upper edge of the bin that holds it. */
  quantile(part: number): number {
    let left = part * this.count;
    for (let bin = 0; bin < bins; bin += 1) {
      left -= this.#counts[bin] ?? 0;
      if (left <= 0) return Math.exp((bin + 1) * perBin);
    }
    return usualTokens;
  }
}

/** How long a model's answers are, by what is known before: the size of the prompt and what the client allows at most. */
export class AnswerLengths {
  readonly #all = new LengthHistogram();
  readonly #kinds: (LengthHistogram | undefined)[] = Array.from({ length: promptKinds * limitKinds }, () => undefined);

  kindOf({ promptTokens, maxTokens }: Pick<Ask, 'promptTokens' | 'maxTokens'>): number {
    // Fourfold steps: below 128 tokens of prompt, 512, 2,048, …; of the limit below 64, 256, …, and none at all.
    const prompt = Math.max(0, Math.min(promptKinds - 1, (31 - Math.clz32(Math.max(1, promptTokens)) - 5) >> 1));
    const limit = maxTokens === undefined ? 0 : Math.max(1, Math.min(limitKinds - 1, (31 - Math.clz32(Math.max(1, maxTokens)) - 2) >> 1));
    return limit * promptKinds + prompt;
  }

  add(kind: number, tokens: number): void {
    const bin = Math.min(bins - 1, Math.floor(Math.log(Math.max(1, tokens)) / perBin));
    const reciprocal = tokens < 2 ? 0 : 1 / Math.max(leastSteps, tokens - 1);
    this.#all.add(tokens, bin, reciprocal);
    (this.#kinds[kind] ??= new LengthHistogram()).add(tokens, bin, reciprocal);
  }

  mean(kind: number, maxTokens: number | undefined): number {
    return Math.max(1, Math.min(this.#known(kind).mean, maxTokens ?? Infinity));
  }

  meanReciprocal(kind: number, maxTokens: number | undefined): number {
    return Math.max(this.#known(kind).meanReciprocal, 1 / (maxTokens ?? Infinity));
  }

  /** Below it is such a part of all answers, 0 to 1; to about a tenth. */
  quantile(kind: number, part: number, maxTokens: number | undefined): number {
    return Math.max(1, Math.min(this.#known(kind).quantile(part), maxTokens ?? Infinity));
  }

  #known(kind: number): LengthHistogram {
    const own = this.#kinds[kind];
    return own !== undefined && own.count >= enough ? own : this.#all;
  }
}
