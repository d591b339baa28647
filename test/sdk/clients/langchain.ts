import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import type { AIMessageChunk } from '@langchain/core/messages';
import { isRecord } from '../../../src/std/is-record.ts';
import type { Asked, Sdk, Seen } from '../sdk-client.ts';

/** `@langchain/openai`. */
export const langchain: Sdk = {
  name: '@langchain/openai',
  connect: (url, apiKey) => {
    const configuration = { baseURL: `${url}/v1` };
    const modelOf = ({ model, maxTokens, tools, schema }: Asked) => {
      const chat = new ChatOpenAI({ model, apiKey, configuration, maxRetries: 0, maxTokens, temperature: 0, streamUsage: true });
      const bound = {
        ...(schema === undefined
          ? {}
          : { response_format: { type: 'json_schema' as const, json_schema: { name: 'answer', schema: { ...schema }, strict: true } } }),
        ...(tools === undefined ? {} : { tools: tools.map(openAiTool), tool_choice: 'required' as const }),
      };
      return chat.withConfig(bound);
    };
    return {
      ask: async (asked) => seenIn(await modelOf(asked).invoke(asked.prompt, optionsOf(asked))),
      stream: async (asked, onText) => {
        let whole: AIMessageChunk | undefined;
        for await (const chunk of await modelOf(asked).stream(asked.prompt, optionsOf(asked))) {
          whole = whole === undefined ? chunk : whole.concat(chunk);
          if (typeof chunk.content === 'string' && chunk.content !== '') onText?.(chunk.content);
        }
        if (whole === undefined) throw new Error('the stream brought nothing');
        return seenIn(whole);
      },
      // Without a format LangChain's own default applies, which is the client's to decode.
      embed: (model, text) => new OpenAIEmbeddings({ model, apiKey, configuration, maxRetries: 0 }).embedQuery(text),
      statusOf: (error) => (isRecord(error) && typeof error['status'] === 'number' ? error['status'] : undefined),
    };
  },
};

function optionsOf({ signal }: Asked): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function openAiTool({ name, description, schema }: NonNullable<Asked['tools']>[number]) {
  return { type: 'function' as const, function: { name, description, parameters: { ...schema } } };
}

function seenIn(message: AIMessageChunk): Seen {
  const ends: Readonly<Record<string, Seen['end']>> = { stop: 'stop', length: 'length', tool_calls: 'calls' };
  const reason: unknown = message.response_metadata['finish_reason'];
  // The type of the message says that no usage can be in it.
  const usage: unknown = message.usage_metadata;
  return {
    text: typeof message.content === 'string' ? message.content : '',
    calls: (message.tool_calls ?? []).map(({ name, args }) => ({ name, input: args })),
    end: ends[typeof reason === 'string' ? reason : ''] ?? 'other',
    inputTokens: tokens(usage, 'input_tokens'),
    outputTokens: tokens(usage, 'output_tokens'),
  };
}

function tokens(usage: unknown, name: string): number | undefined {
  const counted = isRecord(usage) ? usage[name] : undefined;
  return typeof counted === 'number' ? counted : undefined;
}
