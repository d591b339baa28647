import OpenAI from 'openai';
import type { Asked, Sdk, Seen } from '../sdk-client.ts';

/** `openai`, chat completions. */
export const openAiChat: Sdk = {
  name: 'openai, chat completions',
  connect: (url, apiKey) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
    return {
      ask: async (asked) => seenIn(await client.chat.completions.create(paramsOf(asked), optionsOf(asked))),
      stream: async (asked, onText) => {
        const runner = client.chat.completions.stream(
          { ...paramsOf(asked), stream: true, stream_options: { include_usage: true } },
          optionsOf(asked),
        );
        runner.on('content', (text) => onText?.(text));
        return seenIn(await runner.finalChatCompletion());
      },
      embed: async (model, input) => (await client.embeddings.create({ model, input })).data[0]?.embedding ?? [],
      statusOf: (error) => (error instanceof OpenAI.APIError ? error.status : undefined),
    };
  },
};

function optionsOf({ signal }: Asked): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function paramsOf({ model, prompt, maxTokens, tools, schema }: Asked): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    messages: [{ role: 'user', content: prompt }],
    max_tokens: maxTokens,
    temperature: 0,
    ...(tools === undefined
      ? {}
      : {
          tool_choice: 'required',
          tools: tools.map(({ name, description, schema: parameters }) => ({
            type: 'function',
            function: { name, description, parameters: { ...parameters } },
          })),
        }),
    ...(schema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { ...schema }, strict: true } } }),
  };
}

function seenIn({ choices: [choice], usage }: OpenAI.ChatCompletion): Seen {
  const ends = { stop: 'stop', length: 'length', tool_calls: 'calls', content_filter: 'other', function_call: 'other' } as const;
  return {
    text: choice?.message.content ?? '',
    calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [{ name: call.function.name, input: JSON.parse(call.function.arguments) }] : [],
    ),
    end: choice === undefined ? 'other' : ends[choice.finish_reason],
    inputTokens: usage?.prompt_tokens,
    outputTokens: usage?.completion_tokens,
  };
}
