import type { JournalShadow, Place } from './journal-shadow.ts';

export interface HeldTailLimits {
  /** A file that reached this size is closed and the next one begun. */
  readonly fileBytes: number;
  /** What may be held at most: beyond it, whoever records waits for the disk. */
  readonly heldBytes: number;
}

/** Held bytes that go to the disk in one write. */
export interface HeldBatch {
  readonly place: Place;
  readonly bytes: Buffer;
  readonly chunks: number;
}

/** Bytes that follow each other in a file of the journal and in memory. */
interface Chunk {
  readonly place: Place;
  readonly memory: ArrayBufferLike;
  readonly startInMemory: number;
  lengthBytes: number;
  records: number;
}

const batchBytes = 524_288;

/** The newest end of a journal: safe from the process's death in its shadow, and not on the disk yet. */
export class HeldTail {
  readonly #shadow: JournalShadow;
  readonly #limits: HeldTailLimits;
  readonly #chunks: Chunk[] = [];
  /** How many of the chunks are on their way to the disk: these grow no more. */
  #handedOut = 0;
  #bytes = 0;
  #records = 0;
  /** Where the journal goes on behind all that is held. */
  #end: Place = { sequence: 1, bytes: 0 };

  constructor(shadow: JournalShadow, limits: HeldTailLimits) {
    this.#shadow = shadow;
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get records(): number {
    return this.#records;
  }

  /** Whether the bytes are safe now; where they are not, nothing was changed. */
  hold(bytes: Buffer, records: number): boolean {
    if (this.#bytes + bytes.length > this.#limits.heldBytes) return false;
    const place = this.#end.bytes >= this.#limits.fileBytes ? { sequence: this.#end.sequence + 1, bytes: 0 } : this.#end;
    if (!this.#shadow.hold(bytes, place)) return false;
    this.#add(bytes, records, place);
    this.#bytes += bytes.length;
    this.#records += records;
    this.#end = { sequence: place.sequence, bytes: place.bytes + bytes.length };
    return true;
  }

  /** Makes the last chunk longer where it can: what waits for the disk would otherwise be one object a record. */
  #add(bytes: Buffer, records: number, place: Place): void {
    const last = this.#chunks.at(-1);
    const isNext =
      last !== undefined &&
      this.#chunks.length > this.#handedOut &&
      place === this.#end &&
      last.memory === bytes.buffer &&
      last.startInMemory + last.lengthBytes === bytes.byteOffset &&
      last.lengthBytes + bytes.length <= batchBytes;
    if (isNext) {
      last.lengthBytes += bytes.length;
      last.records += records;
    } else {
      this.#chunks.push({ place, memory: bytes.buffer, startInMemory: bytes.byteOffset, lengthBytes: bytes.length, records });
    }
  }

  /** What is next for the disk: as much as belongs in one file and one write. */
  first(): HeldBatch | undefined {
    const [first] = this.#chunks;
    if (first === undefined) return undefined;
    const parts: Buffer[] = [];
    let length = 0;
    for (const { place, memory, startInMemory, lengthBytes } of this.#chunks) {
      if (place.sequence !== first.place.sequence || (length > 0 && length + lengthBytes > batchBytes)) break;
      parts.push(Buffer.from(memory, startInMemory, lengthBytes));
      length += lengthBytes;
    }
    this.#handedOut = parts.length;
    const [part] = parts;
    return { place: first.place, bytes: part !== undefined && parts.length === 1 ? part : Buffer.concat(parts, length), chunks: parts.length };
  }

  /** The disk has them. */
  release({ place, bytes, chunks }: HeldBatch): void {
    for (const chunk of this.#chunks.splice(0, chunks)) this.#records -= chunk.records;
    this.#handedOut = 0;
    this.#bytes -= bytes.length;
    this.#shadow.release({ sequence: place.sequence, bytes: place.bytes + bytes.length });
  }

  /** Says where the journal goes on after something was written past the tail, which is empty then. */
  moved(end: Place): void {
    this.#end = end;
  }

  close(): void {
    this.#shadow.close();
  }
}
