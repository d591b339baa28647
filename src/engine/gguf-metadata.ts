import { open, type FileHandle } from 'node:fs/promises';

/** What the engine must know of a model file beyond what llama.cpp tells. */
export interface GgufMetadata {
  /** `gpt2` for byte-level BPE, `llama` for SentencePiece, … */
  readonly tokenizer: string;
  readonly vocabularySize: number;
  readonly chatTemplate: string | undefined;
  readonly sampling: SamplingDefaults;
}

/** How its makers recommend to sample the model (llama.cpp's `general.sampling.*` keys), where a request says nothing. */
export interface SamplingDefaults {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
}

const magic = 0x46554747;
const firstReadBytes = 1 << 20;
/** The metadata of a model with 260,000 tokens takes about 12 MB. */
const maxMetadataBytes = 1 << 28;
const typeSizes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const samplingPrefix = 'general.sampling.';
const u32Type = 4;
const i32Type = 5;
const f32Type = 6;
const stringType = 8;
const arrayType = 9;

class NeedsMore extends Error {}

/** Reads the head of a GGUF file, as far as its metadata go. */
export async function readGgufMetadata(path: string): Promise<GgufMetadata> {
  const file = await open(path);
  try {
    for (let size = firstReadBytes; size <= maxMetadataBytes; size *= 4) {
      const head = await readHead(file, size);
      try {
        return parseGgufMetadata(head);
      } catch (thrown) {
        if (!(thrown instanceof NeedsMore) || head.length < size) throw notGguf(path, thrown);
      }
    }
    throw new Error(`The metadata of ${path} are larger than ${maxMetadataBytes} bytes.`);
  } finally {
    await file.close();
  }
}

async function readHead(file: FileHandle, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, 0);
  return buffer.subarray(0, bytesRead);
}

function notGguf(path: string, thrown: unknown): Error {
  const reason = thrown instanceof NeedsMore ? 'it ends within its metadata' : thrown instanceof Error ? thrown.message : 'unreadable';
  return new Error(`${path} is not a GGUF file that this engine can read: ${reason}.`);
}

export function parseGgufMetadata(head: Buffer): GgufMetadata {
  const cursor = new Cursor(head);
  if (cursor.u32() !== magic) throw new Error('it does not begin with "GGUF"');
  const version = cursor.u32();
  if (version < 2 || version > 3) throw new Error(`its format has version ${version}`);
  cursor.u64();
  const count = cursor.u64();
  const found: { -readonly [Key in keyof GgufMetadata]: GgufMetadata[Key] } = {
    tokenizer: '',
    vocabularySize: 0,
    chatTemplate: undefined,
    sampling: {},
  };
  for (let index = 0; index < count; index++) {
    const key = cursor.string();
    const type = cursor.u32();
    if (key === 'tokenizer.ggml.model' && type === stringType) found.tokenizer = cursor.string();
    else if (key === 'tokenizer.chat_template' && type === stringType) found.chatTemplate = cursor.string();
    else if (key === 'tokenizer.ggml.tokens' && type === arrayType) found.vocabularySize = cursor.skipArray();
    else if (key.startsWith(samplingPrefix)) readSamplingDefault(found.sampling, key.slice(samplingPrefix.length), cursor.number(type));
    else cursor.skip(type);
  }
  return found;
}

function readSamplingDefault(sampling: SamplingDefaults, name: string, value: number | undefined): void {
  if (value === undefined || value < 0) return;
  if (name === 'temp') sampling.temperature = value;
  if (name === 'top_k') sampling.topK = value;
  if (name === 'top_p') sampling.topP = value;
  if (name === 'min_p') sampling.minP = value;
}

class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4));
  }

  u64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#advance(8)));
  }

  string(): string {
    const length = this.u64();
    const start = this.#advance(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** A float or a whole number of 32 bits; anything else is passed over. */
  number(type: number): number | undefined {
    if (type === f32Type) return this.#bytes.readFloatLE(this.#advance(4));
    if (type === u32Type) return this.u32();
    if (type === i32Type) return this.#bytes.readInt32LE(this.#advance(4));
    this.skip(type);
    return undefined;
  }

  skip(type: number): void {
    if (type === stringType) this.#advance(this.u64());
    else if (type === arrayType) this.skipArray();
    else this.#advance(sizeOf(type));
  }

  /** Returns how many items there were. */
  skipArray(): number {
    const type = this.u32();
    const count = this.u64();
    if (type === stringType || type === arrayType) for (let index = 0; index < count; index++) this.skip(type);
    else this.#advance(count * sizeOf(type));
    return count;
  }

  #advance(size: number): number {
    const start = this.#at;
    if (start + size > this.#bytes.length) throw new NeedsMore();
    this.#at += size;
    return start;
  }
}

function sizeOf(type: number): number {
  const size = typeSizes[type];
  if (size === undefined) throw new Error(`its metadata have a value of the unknown type ${type}`);
  return size;
}
