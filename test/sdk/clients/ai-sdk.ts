import { APICallError, embed, generateText, jsonSchema, Output, streamText, tool, type JSONSchema7, type ToolSet } from 'ai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { Asked, ObjectSchema, Sdk, SdkClient, Seen } from '../sdk-client.ts';

/** `ai` with `@ai-sdk/openai-compatible`. */
export const aiSdk: Sdk = {
  name: '@ai-sdk/openai-compatible',
  connect: (url, apiKey): SdkClient => {
    const provider = createOpenAICompatible({
      name: 'second-source',
      baseURL: `${url}/v1`,
      apiKey,
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
    return {
      ask: async (asked) => {
        const result = await generateText({ model: provider(asked.model), ...settingsOf(asked) });
        return seenIn(result.text, result.toolCalls, result.finishReason, result.usage);
      },
      stream: async (asked, onText) => {
        let failure: unknown;
        const result = streamText({ model: provider(asked.model), ...settingsOf(asked), onError: ({ error }) => void (failure = error) });
        for await (const text of result.textStream) onText?.(text);
        if (failure !== undefined) throw failure;
        return seenIn(await result.text, await result.toolCalls, await result.finishReason, await result.usage);
      },
      embed: async (model, value) => (await embed({ model: provider.embeddingModel(model), value, maxRetries: 0 })).embedding,
      statusOf: (error) => (APICallError.isInstance(error) ? error.statusCode : undefined),
    };
  },
};

function settingsOf({ prompt, maxTokens, tools, schema, signal }: Asked) {
  return {
    prompt,
    maxOutputTokens: maxTokens,
    temperature: 0,
    maxRetries: 0,
    ...(signal === undefined ? {} : { abortSignal: signal }),
    ...(tools === undefined ? {} : { tools: toolSet(tools), toolChoice: 'required' as const }),
    ...(schema === undefined ? {} : { output: Output.object({ schema: schemaOf(schema) }) }),
  };
}

function toolSet(tools: NonNullable<Asked['tools']>): ToolSet {
  return Object.fromEntries(tools.map(({ name, description, schema }) => [name, tool({ description, inputSchema: schemaOf(schema) })]));
}

function schemaOf({ properties, required, ...rest }: ObjectSchema) {
  const known: JSONSchema7 = { ...rest, required: [...required], properties: {} };
  return jsonSchema({ ...known, properties: JSON.parse(JSON.stringify(properties)) });
}

interface Usage {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

function seenIn(text: string, calls: readonly { readonly toolName: string; readonly input: unknown }[], reason: string, usage: Usage): Seen {
  const ends: Readonly<Record<string, Seen['end']>> = { stop: 'stop', length: 'length', 'tool-calls': 'calls' };
  return {
    text,
    calls: calls.map(({ toolName, input }) => ({ name: toolName, input })),
    end: ends[reason] ?? 'other',
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
  };
}
