import type { ProviderChoice } from './provider-choice.ts';
import type { ScannedJson } from './scan-json.ts';

/** What every request for a model has in common, whichever its route. */
export interface InferenceRequest {
  /** The body as it came: splice it, never write it anew (DESIGN §4.5). */
  readonly bytes: Uint8Array;
  readonly scanned: ScannedJson;
  readonly model: string;
  /** Models to try in turn where that one has nobody, or no room. */
  readonly otherModels: readonly string[];
  readonly provider: ProviderChoice | undefined;
  /** Top-level fields, in the order they came, that are neither published, nor known extensions, nor refused. */
  readonly unknownFields: readonly string[];
  /** Known fields beyond the published API, which an endpoint must declare; `messages[].prefix` for a nested one. */
  readonly extensionFields: readonly string[];
}

/** What chat and raw completions have in common. */
export interface GenerationRequest extends InferenceRequest {
  /** Whether it has nothing but the most common members, and texts only. */
  readonly isUsual?: boolean;
  readonly stream: boolean;
  /** Whether the client itself asked for the usage chunk of a stream. */
  readonly includeUsage: boolean;
  readonly n: number;
  /** `max_completion_tokens` or `max_tokens`; undefined where the client left it open. */
  readonly maxTokens: number | undefined;
  /** Undefined where absent, or where a JavaScript number cannot hold it: the bytes keep it. */
  readonly seed: number | undefined;
  readonly stop: readonly string[];
  readonly temperature: number | undefined;
  /** `greedy` where the request allows one answer only: temperature 0, or top_k 1. */
  readonly sampling: 'greedy' | 'sampled';
  /** Whether log-probabilities were asked for. */
  readonly logprobs: boolean;
  readonly wantsTokenIds: boolean;
}
