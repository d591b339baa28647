/**
 * Values of the published API that ask for nothing: leaving the member out means the same, so that it may be taken out
 * for an endpoint that refuses the member by its mere presence.
 */
const defaults = new Map<string, readonly unknown[]>(
  Object.entries({
    frequency_penalty: [0],
    logprobs: [false],
    n: [1],
    parallel_tool_calls: [true],
    presence_penalty: [0],
    service_tier: ['auto', 'default'],
    store: [false],
    stream: [false],
    tool_choice: ['auto'],
    'tools[].function.strict': [false],
    top_logprobs: [0],
  }),
);

/** Hints that no answer depends on: where the prompt may be found in a cache. */
const hints: ReadonlySet<string> = new Set(['prompt_cache_key', 'prompt_cache_retention']);

/** Whether a member with this value asks for nothing: by the API's own defaults, or because it is empty. */
export function asksForNothing(name: string, value: unknown): boolean {
  if (value === undefined || value === null || hints.has(name)) return true;
  if (typeof value === 'object') return Object.keys(value).length === 0 || (name === 'modalities' && JSON.stringify(value) === '["text"]');
  return defaults.get(name)?.includes(value) ?? false;
}
