const most = 240;

/** Requests and good ones by the time of their arrival. Where the run grows longer, two bins become one: never more than 240. */
export class Timeline {
  binMs = 1000;
  readonly requests = new Float64Array(most);
  readonly good = new Float64Array(most);
  /** Bins in use. */
  size = 0;

  add(atMs: number, isGood: boolean): void {
    while (atMs >= this.binMs * most) this.#fold();
    const bin = Math.max(0, Math.floor(atMs / this.binMs));
    this.size = Math.max(this.size, bin + 1);
    this.requests[bin] = (this.requests[bin] ?? 0) + 1;
    if (isGood) this.good[bin] = (this.good[bin] ?? 0) + 1;
  }

  #fold(): void {
    for (const bins of [this.requests, this.good]) {
      for (let bin = 0; bin < most / 2; bin += 1) bins[bin] = (bins[2 * bin] ?? 0) + (bins[2 * bin + 1] ?? 0);
      bins.fill(0, most / 2);
    }
    this.binMs *= 2;
    this.size = Math.ceil(this.size / 2);
  }
}
