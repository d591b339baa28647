import { event } from './scripted-upstream.ts';

/** Numbered tokens make loss, doubling and order a matter of arithmetic: token n is the text `<n>` and has the id 1000 + n. */
export const promptTokenIds: readonly number[] = [1, 2, 3];

export function numberedText(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `<${from + index}>`).join('');
}

export interface NumberedChunks {
  readonly role: string;
  readonly content: (n: number) => string;
  readonly finish: string;
  readonly usage: (outputTokens: number) => string;
}

const head = '"id":"chatcmpl-up","created":7,"model":"up"';

/** Chat chunks, with token ids where the endpoint speaks them. */
export function chatChunks(withIds: boolean): NumberedChunks {
  const prompt = withIds ? `,"prompt_token_ids":${JSON.stringify(promptTokenIds)}` : '';
  return {
    role: event(
      `{${head},"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]${prompt}}`,
    ),
    content: (n) =>
      event(
        `{${head},"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"<${n}>"},"finish_reason":null${withIds ? `,"token_ids":[${1000 + n}]` : ''}}]}`,
      ),
    finish: event(`{${head},"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`),
    usage: (outputTokens) =>
      event(
        `{${head},"object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":${outputTokens},"total_tokens":${3 + outputTokens}}}`,
      ),
  };
}

/** Raw completion chunks, as the continuing endpoint sends them. */
export const completionChunks: NumberedChunks = {
  role: '',
  content: (n) =>
    event(
      `{"id":"cmpl-other","object":"text_completion","created":9,"model":"up","choices":[{"index":0,"text":"<${n}>","finish_reason":null,"token_ids":[${1000 + n}]}]}`,
    ),
  finish: event('{"id":"cmpl-other","object":"text_completion","created":9,"model":"up","choices":[{"index":0,"text":"","finish_reason":"stop"}]}'),
  usage: (outputTokens) =>
    event(
      `{"id":"cmpl-other","object":"text_completion","created":9,"model":"up","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":${outputTokens},"total_tokens":${3 + outputTokens}}}`,
    ),
};
