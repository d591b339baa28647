const blockBytes = 16_384;

/**
 * Bytes in the order in which they came, read from any position that is still kept. They are copied into blocks, since
 * what the relay hands over is a view of a socket's buffer, which would otherwise be held in memory as a whole.
 */
export class ByteTape {
  /** Every block but the last is full; the first begins at `#start`, a multiple of the block's size. */
  readonly #blocks: Uint8Array[] = [];
  #start = 0;
  #end = 0;

  get end(): number {
    return this.#end;
  }

  append(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      const used = this.#end % blockBytes;
      if (used === 0) this.#blocks.push(new Uint8Array(blockBytes));
      const part = rest.subarray(0, blockBytes - used);
      this.#blocks.at(-1)?.set(part, used);
      this.#end += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** What stands from `position` on, as far as one block goes; nothing at the end. */
  read(position: number): Uint8Array {
    if (position < this.#start) throw new RangeError(`Position ${position} is no longer kept.`);
    const block = this.#blocks[Math.floor((position - this.#start) / blockBytes)];
    if (block === undefined || position >= this.#end) return new Uint8Array();
    const blockStart = position - (position % blockBytes);
    return block.subarray(position - blockStart, Math.min(blockBytes, this.#end - blockStart));
  }

  /** Lets go of whole blocks that stand before `position`. */
  dropBefore(position: number): void {
    while (this.#start + blockBytes <= Math.min(position, this.#end)) {
      this.#blocks.shift();
      this.#start += blockBytes;
    }
  }

  /** Nothing comes any more: gives back what the last block has too much. */
  seal(): void {
    const used = this.#end % blockBytes;
    const last = this.#blocks.pop();
    if (last !== undefined) this.#blocks.push(used === 0 ? last : last.slice(0, used));
  }
}
