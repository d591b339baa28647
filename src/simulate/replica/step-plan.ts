/** Steps that a replica goes through without a change: each as long as the one before plus the same amount. */
export class StepPlan {
  startMs = 0;
  steps = 0;
  endMs = Infinity;
  #firstMs = 0;
  #risesMs = 0;

  get isOpen(): boolean {
    return this.steps > 0;
  }

  open(startMs: number, steps: number, firstMs: number, risesMs: number): void {
    if (!(firstMs > 0)) throw new RangeError(`A step takes longer than nothing, not ${firstMs} ms.`);
    this.startMs = startMs;
    this.steps = steps;
    this.#firstMs = firstMs;
    this.#risesMs = risesMs;
    this.endMs = this.timeOf(steps);
  }

  close(): void {
    this.steps = 0;
    this.endMs = Infinity;
  }

  /** When so many of its steps are through. */
  timeOf(steps: number): number {
    return this.startMs + steps * this.#firstMs + (this.#risesMs * steps * (steps - 1)) / 2;
  }

  /** How many steps are through at a time. */
  stepsBy(nowMs: number): number {
    let steps = Math.min(this.steps, Math.max(0, Math.floor(this.#estimate(nowMs - this.startMs))));
    while (steps < this.steps && this.timeOf(steps + 1) <= nowMs) steps += 1;
    while (steps > 0 && this.timeOf(steps) > nowMs) steps -= 1;
    return steps;
  }

  /** Ends the plan with the step that is under way at that time. */
  cutAt(nowMs: number): void {
    const done = this.stepsBy(nowMs);
    const through = done > 0 && this.timeOf(done) === nowMs ? done : done + 1;
    if (through >= this.steps) return;
    this.steps = through;
    this.endMs = this.timeOf(through);
  }

  /** The root of the series' sum; rounding is put right by the caller. */
  #estimate(elapsedMs: number): number {
    if (this.#risesMs === 0) return elapsedMs / this.#firstMs;
    const linear = this.#firstMs - this.#risesMs / 2;
    return (Math.sqrt(linear * linear + 2 * this.#risesMs * elapsedMs) - linear) / this.#risesMs;
  }
}
