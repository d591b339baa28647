/**
 * When decoding sequences need their next KV block. Each needs one every `blockTokens` steps, at a phase of its own;
 * with the phases counted, any number of steps is one sum and no sequence is looked at.
 */
export class GrowthPhases {
  readonly #blockTokens: number;
  /** How many sequences fill their block at the steps that are this modulo the block's size. */
  readonly #counts: Int32Array;
  #total = 0;

  constructor(blockTokens: number) {
    this.#blockTokens = blockTokens;
    this.#counts = new Int32Array(blockTokens);
  }

  add(computed: number, step: number, change: 1 | -1): void {
    // A sequence with a full last block needs a new one at the very next step.
    const phase = (step + ((this.#blockTokens - (computed % this.#blockTokens)) % this.#blockTokens)) % this.#blockTokens;
    this.#counts[phase] = (this.#counts[phase] ?? 0) + change;
    this.#total += change;
  }

  /** Blocks that the steps `from` … `from + steps − 1` need. */
  needed(from: number, steps: number): number {
    const rounds = Math.floor(steps / this.#blockTokens);
    let blocks = rounds * this.#total;
    for (let step = from + rounds * this.#blockTokens; step < from + steps; step += 1) blocks += this.#counts[step % this.#blockTokens] ?? 0;
    return blocks;
  }

  /** How many steps from `from` on do with so many blocks, at most `most`. */
  stepsWithin(from: number, blocks: number, most: number): number {
    if (this.#total === 0) return most;
    const rounds = Math.min(Math.floor(blocks / this.#total), Math.floor(most / this.#blockTokens));
    let steps = rounds * this.#blockTokens;
    let left = blocks - rounds * this.#total;
    while (steps < most) {
      left -= this.#counts[(from + steps) % this.#blockTokens] ?? 0;
      if (left < 0) break;
      steps += 1;
    }
    return steps;
  }
}
