import { strictScan } from './scan-json.ts';
import type { ScanLimits } from './scan-json.ts';

/** What one request may ask for: each of these has taken down an engine somewhere (security requirement S17). */
export interface RequestLimits {
  readonly scan: ScanLimits;
  readonly n: number;
  readonly maxTokens: number;
  readonly logprobs: number;
  readonly stopSequences: number;
  /** In characters, for each stop sequence. */
  readonly stopCharacters: number;
  readonly tools: number;
  /** Of one JSON schema, without white space. */
  readonly schemaBytes: number;
  readonly schemaDepth: number;
  readonly logitBiases: number;
  /** Texts or token lists of one embedding request. */
  readonly embeddingInputs: number;
}

export const defaultRequestLimits: RequestLimits = {
  scan: strictScan,
  n: 8,
  maxTokens: 1_000_000,
  logprobs: 20,
  stopSequences: 4,
  stopCharacters: 256,
  tools: 128,
  schemaBytes: 64 * 1024,
  schemaDepth: 16,
  logitBiases: 1024,
  embeddingInputs: 2048,
};
