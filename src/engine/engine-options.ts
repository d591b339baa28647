/** The device to compute on: `auto` takes the best that this machine's installed builds support. */
export type EngineGpu = false | 'auto' | 'vulkan' | 'cuda' | 'metal';

/** What the gateway's process says about an engine that it wants to run. */
export interface EngineOptions {
  /** The endpoint's name, used in logs and in the socket's file name. */
  readonly name: string;
  /** Path of a GGUF file. */
  readonly modelPath: string;
  /** The name that requests ask for. */
  readonly modelName: string;
  readonly gpu?: EngineGpu;
  /** How many requests decode at once (default 4); each owns a full context. */
  readonly sequences?: number;
  /** Context of each sequence in tokens (default: what the model was trained on, but at most 8,192). */
  readonly contextTokens?: number;
  /** Decode threads; `measure` (the default) times a few dozen tokens at start and takes the fastest. */
  readonly threads?: number | 'measure';
  /** How many requests may wait for a sequence before a 429 (default 64). */
  readonly maxWaiting?: number;
  /** An existing or creatable folder for the Unix socket. */
  readonly socketDirectory: string;
}
