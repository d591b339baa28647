/** The part of a window's volume by which a group must be ahead for its price to rise by one typical price. */
const pace = 0.05;
/** A share this far above its cap costs more at once, and twice a typical price for each such part: the price itself may still be climbing. */
const urgentAbove = 0.005;

/**
 * The price of a cap, by online dual ascent: it rises while the group gets more than its part and falls while it gets
 * less, so that those requests go elsewhere that lose least by it. In US dollars a unit of the cap's measure.
 */
export class SharePrice {
  #usd = 0;
  /** The dearest unit that was seen lately, which steps are measured by: prices differ by orders of magnitude. */
  #typicalUsd: number;

  constructor(typicalUsd: number) {
    this.#typicalUsd = typicalUsd;
  }

  saw(unitUsd: number | undefined): void {
    if (unitUsd === undefined || !(unitUsd > 0)) return;
    this.#typicalUsd = Math.max(unitUsd, this.#typicalUsd + (unitUsd - this.#typicalUsd) * 0.01);
  }

  /** `excessUnits`: by how much the group's lead over its part changed. `volume`: what a window is expected to bring. */
  moved(excessUnits: number, volume: number): void {
    // Past one typical price the steps grow with it, so that any height is reached soon and left soon.
    const step = (excessUnits / (pace * volume)) * Math.max(this.#typicalUsd, this.#usd);
    const bounded = Math.min(Math.max(step, -0.5 * this.#usd - this.#typicalUsd), this.#usd + this.#typicalUsd);
    this.#usd = Math.min(Math.max(0, this.#usd + bounded), this.#typicalUsd * 1e6);
  }

  /** `above`: by how much the share is above its cap now. */
  usd(above: number): number {
    return this.#usd + (above > urgentAbove ? (2 * this.#typicalUsd * (above - urgentAbove)) / urgentAbove : 0);
  }

  static isUrgent(above: number): boolean {
    return above > urgentAbove;
  }

  get isPositive(): boolean {
    return this.#usd > 0;
  }
}
