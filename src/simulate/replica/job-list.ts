import type { Job } from './job.ts';

/** Running jobs in the order of their admission: the last is the one that a full memory pre-empts. */
export class JobList {
  first: Job | undefined = undefined;
  last: Job | undefined = undefined;
  size = 0;

  push(job: Job): void {
    job.previous = this.last;
    job.next = undefined;
    if (this.last === undefined) this.first = job;
    else this.last.next = job;
    this.last = job;
    this.size += 1;
  }

  remove(job: Job): void {
    if (job.previous === undefined) this.first = job.next;
    else job.previous.next = job.next;
    if (job.next === undefined) this.last = job.previous;
    else job.next.previous = job.previous;
    job.previous = undefined;
    job.next = undefined;
    this.size -= 1;
  }
}
