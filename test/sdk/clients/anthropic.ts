import Anthropic from '@anthropic-ai/sdk';
import type { Asked, Sdk, Seen } from '../sdk-client.ts';

/** `@anthropic-ai/sdk`. */
export const anthropic: Sdk = {
  name: '@anthropic-ai/sdk',
  connect: (url, apiKey) => {
    const client = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
    return {
      ask: async (asked) => seenIn(await client.messages.create(paramsOf(asked), optionsOf(asked))),
      stream: async (asked, onText) => {
        const stream = client.messages.stream(paramsOf(asked), optionsOf(asked));
        stream.on('text', (text) => onText?.(text));
        return seenIn(await stream.finalMessage());
      },
      statusOf: (error) => (error instanceof Anthropic.APIError && typeof error.status === 'number' ? error.status : undefined),
    };
  },
};

function optionsOf({ signal }: Asked): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

type Params = Pick<Anthropic.MessageCreateParamsNonStreaming, 'model' | 'max_tokens' | 'messages' | 'tool_choice' | 'tools' | 'output_config'>;

function paramsOf({ model, prompt, maxTokens, tools, schema }: Asked): Params {
  const params: Params = {
    model,
    max_tokens: maxTokens,
    messages: [{ role: 'user', content: prompt }],
    ...(tools === undefined
      ? {}
      : {
          tool_choice: { type: 'any' },
          tools: tools.map(({ name, description, schema: input }) => ({
            name,
            description,
            input_schema: { ...input, required: [...input.required] },
          })),
        }),
    ...(schema === undefined ? {} : { output_config: { format: { type: 'json_schema', schema: { ...schema } } } }),
  };
  // The SDK's types know no temperature any more, and it sends one all the same.
  const greedy: Params & { readonly temperature: number } = { ...params, temperature: 0 };
  return greedy;
}

function seenIn({ content, stop_reason: reason, usage }: Anthropic.Message): Seen {
  const ends: Readonly<Record<string, Seen['end']>> = { end_turn: 'stop', stop_sequence: 'stop', max_tokens: 'length', tool_use: 'calls' };
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    calls: content.flatMap((block) => (block.type === 'tool_use' ? [{ name: block.name, input: block.input }] : [])),
    end: ends[reason ?? ''] ?? 'other',
    // What came from a cache is counted apart.
    inputTokens: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    outputTokens: usage.output_tokens,
  };
}
