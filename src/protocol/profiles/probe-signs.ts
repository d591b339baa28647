/** What a probe found of one published behaviour, by the doctor's words. */
export type ProbeResult = 'ok' | 'deviates' | 'unsupported';

/** By what an endpoint can be told apart while it answers: its own words, and how it took the doctor's questions. */
export interface ProbeSigns {
  readonly profile: string;
  /** Texts that no other place is known to send, in the head or the body of an answer. */
  readonly marks: readonly RegExp[];
  /** The doctor's findings, by the name of the check. Those of recorded engines are complete. */
  readonly findings: Readonly<Record<string, ProbeResult>>;
}

const wellBehaved = {
  models: 'ok',
  'plain-answer': 'ok',
  'stream-role-first': 'ok',
  'stream-finish-content': 'ok',
  'stream-done': 'ok',
  'stream-usage': 'ok',
  stop: 'ok',
  'unknown-model': 'ok',
  'max-tokens-minus-1': 'ok',
  'unknown-field': 'deviates',
  'bad-json': 'ok',
  'token-ids-out': 'ok',
  'token-ids-in': 'ok',
  prefill: 'ok',
  'named-tool': 'ok',
  logprobs: 'ok',
} as const satisfies ProbeSigns['findings'];

/** Signs of engines as recorded, then of vendors as their pages show answers; those have marks and few findings. */
export const probeSigns: readonly ProbeSigns[] = [
  { profile: 'second-source', marks: [/"owned_by":"second-source"/, /"x_second_source_seed"/], findings: wellBehaved },
  {
    profile: 'vllm',
    marks: [/"owned_by":"vllm"/, /"system_fingerprint":"vllm-/, /"kv_transfer_params"/],
    findings: { ...wellBehaved, 'stream-finish-content': 'deviates' },
  },
  {
    profile: 'llama.cpp',
    marks: [/"owned_by":"llamacpp"/, /^server: llama\.cpp$/im, /"predicted_per_token_ms"/],
    findings: {
      ...wellBehaved,
      'unknown-model': 'deviates',
      'max-tokens-minus-1': 'deviates',
      'token-ids-out': 'unsupported',
      prefill: 'deviates',
      'named-tool': 'deviates',
    },
  },
  {
    profile: 'transformers-serve',
    marks: [/"detail":"Unexpected fields in the request/, /"detail":"Server is pinned to/],
    findings: {
      models: 'deviates',
      'plain-answer': 'ok',
      'stream-role-first': 'ok',
      'stream-finish-content': 'ok',
      'stream-done': 'deviates',
      'stream-usage': 'deviates',
      stop: 'deviates',
      'unknown-model': 'deviates',
      'max-tokens-minus-1': 'deviates',
      'unknown-field': 'deviates',
      'bad-json': 'deviates',
      'token-ids-out': 'unsupported',
      'token-ids-in': 'unsupported',
      prefill: 'unsupported',
      'named-tool': 'deviates',
      logprobs: 'deviates',
    },
  },
  { profile: 'sglang', marks: [/"owned_by":"sglang"/, /"matched_stop"/], findings: { 'stream-done': 'ok', prefill: 'ok', logprobs: 'ok' } },
  { profile: 'ollama', marks: [/"system_fingerprint":"fp_ollama"/, /"owned_by":"library"/], findings: { 'named-tool': 'deviates' } },
  { profile: 'tgi', marks: [/"error_type":"/, /"system_fingerprint":"\d+\.\d+\.\d+(?:-dev\d*)?-(?:sha|native)/], findings: {} },
  { profile: 'openai', marks: [/^openai-(?:processing-ms|version): /im], findings: { logprobs: 'ok', 'unknown-field': 'ok' } },
  { profile: 'azure', marks: [/^apim-request-id: /im, /"prompt_filter_results"/], findings: {} },
  { profile: 'bedrock', marks: [/^x-amzn-requestid: /im], findings: {} },
  { profile: 'groq', marks: [/"x_groq"/, /^x-groq-region: /im], findings: { logprobs: 'deviates', 'stream-done': 'ok' } },
  { profile: 'cerebras', marks: [/"time_info"/, /^x-ratelimit-limit-requests-day: /im], findings: {} },
  { profile: 'sambanova', marks: [/"completion_tokens_after_first_per_sec"/], findings: {} },
  { profile: 'together', marks: [/"finish_reason":"eos"/, /^x-together-traceid: /im], findings: {} },
  { profile: 'fireworks', marks: [/^fireworks-[a-z-]+: /im, /"owned_by":"fireworks"/], findings: {} },
  { profile: 'deepseek', marks: [/"prompt_cache_hit_tokens"/, /"owned_by":"deepseek"/], findings: {} },
  { profile: 'mistral', marks: [/^mistral-correlation-id: /im, /"owned_by":"mistralai"/], findings: { logprobs: 'deviates' } },
  { profile: 'gemini-openai', marks: [/"id":"models\/gemini-/, /^\[\{\s*"error":/m], findings: { logprobs: 'deviates' } },
  { profile: 'openrouter', marks: [/"id":"gen-\d{8,}/, /"native_finish_reason"/], findings: {} },
];
