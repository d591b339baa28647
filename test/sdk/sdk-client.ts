/** A JSON schema of an object, in the form that every SDK takes. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, { readonly type: string; readonly enum?: readonly string[] }>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

export interface AskedTool {
  readonly name: string;
  readonly description: string;
  readonly schema: ObjectSchema;
}

/** One question, in words that every SDK has its own for. */
export interface Asked {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens: number;
  /** With tools, one must be called. */
  readonly tools?: readonly AskedTool[];
  readonly schema?: ObjectSchema;
  readonly signal?: AbortSignal;
}

/** What an SDK's user has in hand in the end. */
export interface Seen {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  /** The SDK's own word for how it ended, as one of ours. */
  readonly end: 'stop' | 'length' | 'calls' | 'other';
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** One SDK, unmodified, behind what all tests ask of it. It repeats nothing by itself, so that a test counts its own requests. */
export interface SdkClient {
  readonly ask: (asked: Asked) => Promise<Seen>;
  /** The same as a stream, whose text is told as it comes. */
  readonly stream: (asked: Asked, onText?: (text: string) => void) => Promise<Seen>;
  /** Absent where the SDK has none. */
  readonly embed?: (model: string, text: string) => Promise<readonly number[]>;
  /** The HTTP status that an error of the SDK tells. */
  readonly statusOf: (error: unknown) => number | undefined;
}

export interface Sdk {
  readonly name: string;
  readonly connect: (url: string, key: string) => SdkClient;
}
