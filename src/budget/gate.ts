import type { Level } from './limits.ts';

/** So many requests at once. */
export class Gate {
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

  get isFull(): boolean {
    return this.#running >= this.most;
  }

  enter(): void {
    this.#running += 1;
  }

  leave(): void {
    this.#running -= 1;
  }
}
