import type { Job } from './job.ts';

/** The decoding jobs by the step after which each is finished; equal ones by their number, so that a run repeats. */
export class FinishHeap {
  readonly #jobs: Job[] = [];

  get first(): Job | undefined {
    return this.#jobs[0];
  }

  get size(): number {
    return this.#jobs.length;
  }

  push(job: Job): void {
    job.heapIndex = this.#jobs.length;
    this.#jobs.push(job);
    this.#rise(job);
  }

  remove(job: Job): void {
    const at = job.heapIndex;
    const last = this.#jobs.pop();
    job.heapIndex = -1;
    if (last === undefined || last === job) return;
    this.#jobs[at] = last;
    last.heapIndex = at;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(job: Job): void {
    let at = job.heapIndex;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = this.#jobs[above];
      if (other === undefined || !isBefore(job, other)) break;
      this.#jobs[at] = other;
      other.heapIndex = at;
      at = above;
    }
    this.#jobs[at] = job;
    job.heapIndex = at;
  }

  #sink(job: Job): void {
    let at = job.heapIndex;
    for (;;) {
      let below = 2 * at + 1;
      let other = this.#jobs[below];
      const right = this.#jobs[below + 1];
      if (other !== undefined && right !== undefined && isBefore(right, other)) {
        below += 1;
        other = right;
      }
      if (other === undefined || !isBefore(other, job)) break;
      this.#jobs[at] = other;
      other.heapIndex = at;
      at = below;
    }
    this.#jobs[at] = job;
    job.heapIndex = at;
  }
}

function isBefore(a: Job, b: Job): boolean {
  return a.finishStep < b.finishStep || (a.finishStep === b.finishStep && a.arrival.id < b.arrival.id);
}
