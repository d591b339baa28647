/** What the rooflines need of a chip, at the precision in which the model computes on it. */
export interface ChipFacts {
  /** Memory bandwidth in terabytes (10^12 bytes) a second. */
  readonly memoryBandwidthTbPerS: number;
  /** Dense arithmetic in teraFLOP/s: the sparse figures of many tables are twice that and never reached. */
  readonly denseTflops: number;
  /** Memory in gigabytes (10^9 bytes). */
  readonly memoryGb: number;
}

/**
 * `count` chips that hold one model together and share each step evenly (tensor parallel). What they lose by talking
 * to each other belongs in the step's overhead. Throws a RangeError unless `count` is a whole number of at least 1.
 */
export function groupOfChips(chip: ChipFacts, count: number): ChipFacts {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`A group has at least one chip, not ${count}.`);
  return {
    memoryBandwidthTbPerS: chip.memoryBandwidthTbPerS * count,
    denseTflops: chip.denseTflops * count,
    memoryGb: chip.memoryGb * count,
  };
}
