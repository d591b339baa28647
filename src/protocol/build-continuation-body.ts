import type { ScannedJson } from './scan-json.ts';

export interface ContinuationBody {
  readonly bytes: Uint8Array;
  readonly scanned: ScannedJson;
  readonly upstreamModel: string;
  /** The prompt as the first endpoint tokenised it, template included. */
  readonly promptTokenIds: readonly number[];
  /** The ids of all text released so far. */
  readonly releasedTokenIds: readonly number[];
  /** How many tokens the answer may still have. */
  readonly maxTokens: number;
  readonly seed: number | undefined;
  /** Keeps the prompt apart from other tenants' in the endpoint's prefix cache (security requirement S22). */
  readonly cacheSalt?: string | undefined;
}

/** What shapes the choice of a token travels on in the client's own bytes; nothing else of the request does. */
export const carriedMembers: readonly string[] = [
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'stop',
  'logit_bias',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'ignore_eos',
];
/** Fields that shape the prompt or the form of the answer: the prompt's ids hold what they did, so they need not travel. */
export const spentMembers: readonly string[] = ['return_token_ids', 'continue_final_message', 'add_generation_prompt'];

/**
 * A raw completion that goes on exactly where the released text ends: no template, no instruction, no prompt of our
 * own, only the ids that one endpoint made and another reads (DESIGN §4.4).
 */
export function buildContinuationBody(input: ContinuationBody): Uint8Array {
  const members = [
    `"model":${JSON.stringify(input.upstreamModel)}`,
    `"prompt":[${[...input.promptTokenIds, ...input.releasedTokenIds].join(',')}]`,
    `"max_tokens":${input.maxTokens}`,
    '"stream":true',
    '"stream_options":{"include_usage":true}',
    '"return_token_ids":true',
    // llama.cpp's server tells ids by this name; others pass it over.
    '"verbose":true',
    // Penalties count generated tokens only, so the engine must know where the prompt ended.
    `"x_second_source_prompt_tokens":${input.promptTokenIds.length}`,
  ];
  const decoder = new TextDecoder();
  let seedCarried = false;
  for (const name of carriedMembers) {
    const span = input.scanned.members.get(name);
    const value = span === undefined ? 'null' : decoder.decode(input.bytes.subarray(span.valueStart, span.valueEnd));
    // A null says the same as nothing, and a drawn seed must be able to take its place.
    if (value === 'null') continue;
    members.push(`"${name}":${value}`);
    seedCarried ||= name === 'seed';
  }
  if (!seedCarried && input.seed !== undefined) members.push(`"seed":${input.seed}`);
  if (input.cacheSalt !== undefined) members.push(`"cache_salt":${JSON.stringify(input.cacheSalt)}`);
  return new TextEncoder().encode(`{${members.join(',')}}`);
}
