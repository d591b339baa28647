import { profileFrom, refuses, type Profile, type TenantQuirks } from './profile.ts';

/** Hints of other dialects inside messages: a vendor that checks its input would refuse them. */
const foreignHints = ['reasoning_content', 'reasoning_signature', 'cache_control'] as const;
/** What chat asks for as a bound; OpenAI's reasoning models refuse the older name. */
const newerLimit = { max_tokens: 'max_completion_tokens' } as const;
const olderLimit = { max_completion_tokens: 'max_tokens' } as const;
/** All tenants are one account there: who they and their users are is nobody's business. */
const hiddenNames: TenantQuirks = { adds: 'prompt_cache_key', hides: ['prompt_cache_key', 'safety_identifier', 'user'] };

/** APIs of vendors in OpenAI's form. */
export const vendorProfiles: readonly Profile[] = [
  profileFrom({
    name: 'openai',
    title: 'OpenAI',
    origins: ['https://platform.openai.com/docs/api-reference/chat', 'https://platform.openai.com/docs/guides/rate-limits'],
    request: { renames: newerLimit, strips: foreignHints, tenants: hiddenNames },
    rateLimits: { headers: 'x-ratelimit', requestsPer: 'minute' },
  }),
  profileFrom({
    name: 'azure',
    title: 'Azure OpenAI',
    origins: [
      'https://learn.microsoft.com/azure/ai-foundry/openai/reference',
      'https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle',
    ],
    auth: 'api-key',
    request: { renames: newerLimit, strips: foreignHints, tenants: hiddenNames },
    rateLimits: { headers: 'x-ratelimit', requestsPer: 'minute' },
    notes: [
      'The key goes in `api-key`. With `apiVersion` in the configuration the deployment goes in the path and the version in the query; without it the route is `/openai/v1`.',
      'A stream begins with a chunk without choices that holds the filter’s results.',
      'Its list names models rather than deployments: give `models` in the configuration.',
    ],
  }),
  profileFrom({
    name: 'bedrock',
    title: 'Amazon Bedrock’s OpenAI route',
    origins: [
      'https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html',
      'https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-openai.html',
    ],
    routes: ['chat'],
    request: {
      renames: newerLimit,
      strips: foreignHints,
    },
    reasoning: 'in content',
    rateLimits: { headers: 'none', requestsPer: 'unsaid' },
    notes: [
      'A Bedrock API key is sent as a bearer key; requests signed by AWS credentials are not spoken.',
      'OpenAI’s open models take text only there.',
    ],
  }),
  profileFrom({
    name: 'groq',
    title: 'Groq',
    origins: ['https://console.groq.com/docs/openai', 'https://console.groq.com/docs/rate-limits', 'https://console.groq.com/docs/reasoning'],
    routes: ['chat'],
    request: {
      refuses: [refuses('logprobs'), refuses('top_logprobs'), refuses('logit_bias'), refuses('messages[].name'), refuses('n')],
      strips: foreignHints,
    },
    answer: { usageIn: 'x_groq.usage' },
    extensions: ['include_reasoning', 'reasoning_format'],
    reasoning: 'reasoning',
    rateLimits: { headers: 'x-ratelimit', requestsPer: 'day' },
    notes: ['A temperature of 0 becomes 1e-8 there.', 'Status 498 says that flex capacity is used up.'],
  }),
  profileFrom({
    name: 'cerebras',
    title: 'Cerebras',
    origins: ['https://inference-docs.cerebras.ai/resources/openai', 'https://inference-docs.cerebras.ai/support/rate-limits'],
    request: {
      refuses: [
        refuses('frequency_penalty'),
        refuses('presence_penalty'),
        refuses('logit_bias'),
        refuses('parallel_tool_calls'),
        refuses('service_tier'),
        { path: 'temperature', kind: 'above', most: 1.5 },
      ],
      strips: foreignHints,
    },
    reasoning: 'reasoning',
    rateLimits: { headers: 'cerebras', requestsPer: 'day' },
    notes: ['Its limits are told as `x-ratelimit-limit-requests-day` and `-tokens-minute`.'],
  }),
  profileFrom({
    name: 'sambanova',
    title: 'SambaNova',
    origins: ['https://docs.sambanova.ai/docs/en/features/openai-compatibility'],
    request: {
      refuses: [refuses('presence_penalty'), refuses('frequency_penalty'), refuses('logit_bias'), { path: 'n', kind: 'above', most: 8 }],
    },
    extensions: ['top_k'],
    rateLimits: { headers: 'x-ratelimit', requestsPer: 'minute' },
    notes: ['Penalties and `logit_bias` are taken and ignored; the gateway sends such requests elsewhere.', 'A chunk may hold several tokens.'],
  }),
  profileFrom({
    name: 'together',
    title: 'Together AI',
    origins: ['https://docs.together.ai/reference/chat-completions-1', 'https://docs.together.ai/docs/openai-api-compatibility'],
    request: {
      // Its `logprobs` is a number, and its answer has another form.
      refuses: [refuses('logprobs'), refuses('top_logprobs')],
      renames: olderLimit,
    },
    answer: { finishReasons: { eos: 'stop' } },
    extensions: ['min_p', 'repetition_penalty', 'top_k'],
    reasoning: 'reasoning',
    rateLimits: { headers: 'x-ratelimit', requestsPer: 'minute' },
  }),
  profileFrom({
    name: 'fireworks',
    title: 'Fireworks AI',
    origins: ['https://docs.fireworks.ai/api-reference/post-chatcompletions', 'https://docs.fireworks.ai/tools-sdks/openai-compatibility'],
    request: { renames: olderLimit },
    extensions: ['ignore_eos', 'min_p', 'mirostat', 'repetition_penalty', 'top_k', 'typical_p'],
    reasoning: 'reasoning_content',
    rateLimits: { headers: 'x-ratelimit', requestsPer: 'minute' },
    notes: ['Usage comes in the chunk with the finish reason, asked for or not.'],
  }),
  profileFrom({
    name: 'deepseek',
    title: 'DeepSeek',
    origins: [
      'https://api-docs.deepseek.com/api/create-chat-completion',
      'https://api-docs.deepseek.com/quick_start/rate_limit',
      'https://api-docs.deepseek.com/guides/chat_prefix_completion',
    ],
    routes: ['chat'],
    request: {
      refuses: [
        refuses('n'),
        refuses('logit_bias'),
        refuses('parallel_tool_calls'),
        { path: 'response_format.type', kind: 'values', values: ['json_schema'] },
      ],
      renames: olderLimit,
      strips: ['reasoning_signature', 'cache_control'],
      developerIsSystem: true,
    },
    extensions: ['thinking'],
    reasoning: 'reasoning_content',
    rateLimits: { headers: 'none', requestsPer: 'unsaid' },
    notes: [
      'While a request waits, comments (streams) and empty lines (whole answers) come.',
      'Prefill (`prefix: true`) is of the beta route alone, so it is not taken for granted: declare `prefill` where that route is configured.',
    ],
  }),
  profileFrom({
    name: 'mistral',
    title: 'Mistral',
    origins: ['https://docs.mistral.ai/api/endpoint/chat', 'https://docs.mistral.ai/capabilities/reasoning'],
    routes: ['chat', 'embeddings'],
    request: {
      refuses: [
        refuses('logprobs'),
        refuses('top_logprobs'),
        refuses('logit_bias'),
        refuses('messages[].name'),
        refuses('user'),
        refuses('service_tier'),
        refuses('store'),
      ],
      renames: { ...olderLimit, seed: 'random_seed' },
      strips: foreignHints,
      developerIsSystem: true,
      usageUnasked: true,
    },
    answer: { finishReasons: { model_length: 'length' }, contentInParts: true },
    extensions: ['random_seed', 'safe_prompt'],
    reasoning: 'in content',
    rateLimits: { headers: 'x-ratelimit', requestsPer: 'minute' },
    notes: ['Unknown members are refused with 422.', 'Ids of tool calls must have nine letters and digits; others are refused by some models.'],
  }),
  profileFrom({
    name: 'gemini-openai',
    title: 'Gemini’s OpenAI route',
    origins: ['https://ai.google.dev/gemini-api/docs/openai', 'https://github.com/googleapis/python-genai/issues/2868'],
    routes: ['chat', 'embeddings'],
    request: {
      refuses: [
        refuses('logit_bias'),
        refuses('logprobs'),
        refuses('top_logprobs'),
        refuses('parallel_tool_calls'),
        refuses('store'),
        refuses('service_tier'),
      ],
      strips: foreignHints,
    },
    answer: { callsEndWithStop: true, callsShareIndex: true },
    rateLimits: { headers: 'none', requestsPer: 'unsaid' },
    notes: ['Errors come as a list around the object.', 'A streamed tool call ends with `stop`, and each call of several has index 0.'],
  }),
  profileFrom({
    name: 'openrouter',
    title: 'OpenRouter',
    origins: ['https://openrouter.ai/docs/api-reference/overview', 'https://openrouter.ai/docs/api-reference/streaming'],
    request: { strips: ['reasoning_signature'] },
    extensions: ['min_p', 'reasoning', 'include_reasoning', 'repetition_penalty', 'top_a', 'top_k'],
    reasoning: 'reasoning',
    notes: ['While a request waits, comments come; a failure in mid-stream is a chunk with `error` and the finish reason `error`.'],
  }),
];
