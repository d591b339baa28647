/** US dollars per million tokens. An unknown price is `undefined`, never 0 (fault 96). */
export interface Price {
  readonly inputUsdPerMtok: number;
  readonly cachedInputUsdPerMtok: number;
  readonly outputUsdPerMtok: number;
  /** For the part of the output that is reasoning; undefined where it costs what other output costs. */
  readonly reasoningUsdPerMtok?: number | undefined;
  /** For each request, whatever its length. */
  readonly usdPerRequest?: number | undefined;
}

/** Speed as a vendor publishes it, of one request alone. */
export interface PublishedSpeed {
  /** To the first token of a short prompt. */
  readonly ttftMs?: number | undefined;
  readonly promptTokensPerSecond?: number | undefined;
  readonly tokensPerSecond?: number | undefined;
}

/** How much a model asks of the chips that hold it; what is not known is undefined. */
export interface ModelSize {
  /** In billions. */
  readonly parametersB: number;
  /** Those that one token passes through: fewer for a mixture of experts. Default: all. */
  readonly activeParametersB?: number | undefined;
  /** Keys and values of one token over all layers, in bytes. */
  readonly kvBytesPerToken?: number | undefined;
  /** Chips that hold it together. */
  readonly chips: number;
}

/** A model on an endpoint (DESIGN §2). */
export interface Deployment {
  readonly id: string;
  /** The logical name that clients ask for. */
  readonly model: string;
  readonly endpointId: string;
  /** The name that the endpoint itself uses for the model. */
  readonly upstreamModel: string;
  /** Identifies the exact weights and tokenizer (for instance `sha256:…`); unknown where nobody told. */
  readonly weights: string | undefined;
  /** Identifies engine and build: token-exact continuation is promised only between equals. */
  readonly engineBuild: string | undefined;
  readonly contextTokens: number | undefined;
  /** Of its weights, by OpenRouter's names (`fp8`, `int4`); undefined where nobody said. */
  readonly quantization?: string | undefined;
  readonly price: Price | undefined;
  readonly published?: PublishedSpeed | undefined;
  readonly size?: ModelSize | undefined;
}
