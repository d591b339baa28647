import OpenAI from 'openai';
import type { Asked, Sdk, Seen } from '../sdk-client.ts';

/** `openai`, responses. */
export const openAiResponses: Sdk = {
  name: 'openai, responses',
  connect: (url, apiKey) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
    return {
      ask: async (asked) => seenIn(await client.responses.create(paramsOf(asked), optionsOf(asked))),
      stream: async (asked, onText) => {
        const stream = client.responses.stream(paramsOf(asked), optionsOf(asked));
        stream.on('response.output_text.delta', ({ delta }) => onText?.(delta));
        return seenIn(await stream.finalResponse());
      },
      statusOf: (error) => (error instanceof OpenAI.APIError ? error.status : undefined),
    };
  },
};

function optionsOf({ signal }: Asked): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

type Params = Pick<
  OpenAI.Responses.ResponseCreateParamsNonStreaming,
  'model' | 'input' | 'max_output_tokens' | 'temperature' | 'tool_choice' | 'tools' | 'text'
>;

function paramsOf({ model, prompt, maxTokens, tools, schema }: Asked): Params {
  return {
    model,
    input: prompt,
    max_output_tokens: maxTokens,
    temperature: 0,
    ...(tools === undefined
      ? {}
      : {
          tool_choice: 'required',
          tools: tools.map(({ name, description, schema: parameters }) => ({
            type: 'function',
            name,
            description,
            parameters: { ...parameters },
            strict: null,
          })),
        }),
    ...(schema === undefined ? {} : { text: { format: { type: 'json_schema', name: 'answer', schema: { ...schema }, strict: true } } }),
  };
}

function seenIn(response: OpenAI.Responses.Response): Seen {
  const calls = response.output.flatMap((item) => (item.type === 'function_call' ? [{ name: item.name, input: JSON.parse(item.arguments) }] : []));
  const ended = response.status === 'completed' ? (calls.length > 0 ? 'calls' : 'stop') : 'other';
  return {
    text: response.output_text,
    calls,
    end: response.incomplete_details?.reason === 'max_output_tokens' ? 'length' : ended,
    inputTokens: response.usage?.input_tokens,
    outputTokens: response.usage?.output_tokens,
  };
}
