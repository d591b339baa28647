import type { Job } from './job.ts';

/** The jobs that wait for their replica: a ring, since a shifted array would cost its length each time. */
export class JobQueue {
  #ring: (Job | undefined)[] = Array.from({ length: 16 }, () => undefined);
  #head = 0;
  size = 0;

  get first(): Job | undefined {
    return this.size === 0 ? undefined : this.#ring[this.#head];
  }

  push(job: Job): void {
    this.#makeRoom();
    this.#ring[(this.#head + this.size) & (this.#ring.length - 1)] = job;
    this.size += 1;
  }

  /** Puts a pre-empted job before all others. */
  unshift(job: Job): void {
    this.#makeRoom();
    this.#head = (this.#head - 1) & (this.#ring.length - 1);
    this.#ring[this.#head] = job;
    this.size += 1;
  }

  shift(): Job | undefined {
    if (this.size === 0) return undefined;
    const job = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.size -= 1;
    return job;
  }

  #makeRoom(): void {
    const { length } = this.#ring;
    if (this.size < length) return;
    this.#ring = Array.from({ length: length * 2 }, (_, index) => (index < this.size ? this.#ring[(this.#head + index) & (length - 1)] : undefined));
    this.#head = 0;
  }
}
