/**
 * Fields beyond the published API that the ecosystem knows. Each passes only to an endpoint that declares it
 * (`Endpoint.extensions`). Names in vLLM's, SGLang's, llama.cpp's, Mistral's or OpenRouter's own documentation.
 */
const extensionFieldNames: ReadonlySet<string> = new Set([
  // Sampling.
  'dry_allowed_length',
  'dry_base',
  'dry_multiplier',
  'dry_penalty_last_n',
  'dry_sequence_breakers',
  'dynatemp_exponent',
  'dynatemp_range',
  'min_p',
  'mirostat',
  'mirostat_eta',
  'mirostat_tau',
  'random_seed',
  'repeat_last_n',
  'repeat_penalty',
  'repetition_penalty',
  'samplers',
  'tfs_z',
  'top_a',
  'top_k',
  'top_n_sigma',
  'typical_p',
  'xtc_probability',
  'xtc_threshold',
  // Where an answer ends, and what tokens may stand in it.
  'allowed_token_ids',
  'bad_words',
  'ignore_eos',
  'include_stop_str_in_output',
  'min_tokens',
  'no_stop_trim',
  'stop_token_ids',
  // Prompts and prefill.
  'add_generation_prompt',
  'add_special_tokens',
  'cache_prompt',
  'chat_template_kwargs',
  'continue_final_message',
  'documents',
  'echo',
  'safe_prompt',
  'truncate_prompt_tokens',
  // What comes back.
  'return_progress',
  'return_token_ids',
  'return_tokens',
  'return_tokens_as_token_ids',
  'skip_special_tokens',
  'spaces_between_special_tokens',
  'timings_per_token',
  // Reasoning.
  'enable_thinking',
  'include_reasoning',
  'reasoning',
  'reasoning_budget',
  'reasoning_format',
  'reasoning_in_content',
  'separate_reasoning',
  'stream_reasoning',
  'thinking',
  'thinking_budget',
  'thinking_budget_tokens',
  // Constraints without grammars or patterns; their schemas are measured.
  'guided_choice',
  'guided_json',
  'structured_outputs',
]);

/** Ours: read by the gateway and removed before dispatch. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['models', 'provider']);

/** Sorts the names of a body's top-level fields; what is published or ours is in neither list. */
export function sortFields(
  names: Iterable<string>,
  published: ReadonlySet<string>,
): { readonly unknownFields: readonly string[]; readonly extensionFields: readonly string[] } {
  const unknownFields: string[] = [];
  const extensionFields: string[] = [];
  for (const name of names) {
    if (published.has(name) || OWN_FIELDS.has(name)) continue;
    (extensionFieldNames.has(name) ? extensionFields : unknownFields).push(name);
  }
  return { unknownFields, extensionFields };
}
