import type { Level } from './limits.ts';

/** So many requests at once. */
export class Gate {
  readonly sort = 'gate';
  readonly level: Level;
  most: number;
  #running = 0;

  constructor(level: Level, most: number) {
    this.level = level;
    this.most = most;
  }

  get running(): number {
    return this.#running;
  }

  /** How many more have room. */
  left(): number {
    return this.most - this.#running;
  }

  reserve(count: number): void {
    this.#running += count;
  }

  release(count: number): void {
    this.#running -= count;
  }

  amountOf(): number {
    return 1;
  }
}
