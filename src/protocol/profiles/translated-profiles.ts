import { profileFrom, refuses, type Profile } from './profile.ts';

const translatedMembers = [
  'model',
  'messages',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'stop',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'response_format',
  'reasoning_effort',
  'models',
  'provider',
  'top_k',
] as const;

const noGrammar: Profile['request']['refuses'] = [
  { path: 'tools[].type', kind: 'values', values: ['custom'] },
  { path: 'messages[].role', kind: 'values', values: ['function'] },
  { path: 'messages[].content[].type', kind: 'values', values: ['input_audio', 'video_url', 'audio_url'] },
  refuses('messages[].content[].file.file_id'),
  refuses('messages[].name'),
  { path: 'messages[].content[].image_url.detail', kind: 'values', values: ['low', 'high'] },
];

/** Dialects that the gateway translates: only what the translator can say in them is taken. */
export const translatedProfiles: readonly Profile[] = [
  profileFrom({
    name: 'anthropic',
    title: 'Anthropic Messages',
    dialect: 'anthropic',
    origins: [
      'https://platform.claude.com/docs/en/api/messages',
      'https://platform.claude.com/docs/en/build-with-claude/streaming',
      'https://platform.claude.com/docs/en/build-with-claude/structured-outputs',
      'the types of @anthropic-ai/sdk 1.13.0',
    ],
    routes: ['chat'],
    auth: 'x-api-key',
    request: {
      onlyMembers: [...translatedMembers, 'parallel_tool_calls', 'thinking', 'user', 'n'],
      tenants: { adds: undefined, hides: ['user'] },
      strips: [],
      refuses: [
        ...noGrammar,
        { path: 'n', kind: 'above', most: 1 },
        { path: 'temperature', kind: 'above', most: 1 },
        { path: 'response_format.type', kind: 'values', values: ['json_object'] },
      ],
    },
    extensions: ['top_k', 'thinking'],
    reasoning: 'reasoning_content',
    rateLimits: { headers: 'anthropic-ratelimit', requestsPer: 'minute' },
    notes: [
      'An answer is proven by `message_stop` alone. Thinking becomes `reasoning_content`, its signature `reasoning_signature`.',
      '`response_format: json_schema` becomes `output_config.format`; a model that lacks it refuses, and the request goes elsewhere.',
      'Without `max_tokens` it is told 4,096, since its API demands one.',
      '`cache_control` on parts, messages and tools passes. Usage counts read and written cache as input.',
    ],
  }),
  profileFrom({
    name: 'gemini',
    title: 'Gemini',
    dialect: 'gemini',
    origins: [
      'https://ai.google.dev/api/generate-content',
      'https://ai.google.dev/gemini-api/docs/function-calling',
      'https://ai.google.dev/gemini-api/docs/thought-signatures',
    ],
    routes: ['chat'],
    auth: 'x-goog-api-key',
    request: {
      onlyMembers: [...translatedMembers, 'seed', 'frequency_penalty', 'presence_penalty', 'n', 'parallel_tool_calls'],
      refuses: [
        ...noGrammar,
        { path: 'n', kind: 'above', most: 1 },
        refuses('parallel_tool_calls'),
        { path: 'reasoning_effort', kind: 'values', values: ['xhigh', 'max'] },
        { path: 'messages[].content[].image_url.url', kind: 'prefix', prefixes: ['http:', 'https:'] },
      ],
      strips: ['cache_control'],
    },
    extensions: ['top_k'],
    reasoning: 'reasoning_content',
    rateLimits: { headers: 'none', requestsPer: 'unsaid' },
    notes: [
      'An answer is proven by a `finishReason` and a proper end. Thoughts become `reasoning_content`.',
      'Where a tool is strict, calls are asked for in the mode `VALIDATED`, or `ANY`, which hold to the schema as well.',
      'Images must come as data: an address would have to be fetched.',
      'The signature of a thought stands in the tool call’s `extra_content.google.thought_signature`, as on Gemini’s own OpenAI route, and must be sent back with it.',
    ],
  }),
];
