import { z } from 'zod';
import { SseDecoder } from '../../protocol/decode-sse.ts';

const tokenIds = z.array(z.number()).nullish();
const toolCalls = z.array(z.object({ function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).optional() })).nullish();

const usageSchema = z.object({ prompt_tokens: z.number(), completion_tokens: z.number() });

const wholeSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ role: z.string().optional(), content: z.string().nullish(), tool_calls: toolCalls }).optional(),
        text: z.string().optional(),
        finish_reason: z.string().nullish(),
        logprobs: z.unknown().optional(),
        token_ids: tokenIds,
      }),
    )
    .min(1),
  usage: usageSchema.nullish(),
  prompt_token_ids: tokenIds,
});

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ role: z.string().nullish(), content: z.string().nullish(), tool_calls: toolCalls }).loose().optional(),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: usageSchema.nullish(),
});

export type WholeAnswer = z.infer<typeof wholeSchema>;
export type StreamChunk = z.infer<typeof chunkSchema>;

/** An answer that is not a stream, or undefined where its form is another. */
export function readWhole(json: unknown): WholeAnswer | undefined {
  return wholeSchema.safeParse(json).data;
}

export interface StreamAnswer {
  readonly chunks: readonly StreamChunk[];
  readonly text: string;
  readonly done: boolean;
  /** Events that are neither a chunk nor the end marker, as they came. */
  readonly strange: readonly string[];
  /** Whether the last event lacks its blank line: such a stream was cut. */
  readonly partial: boolean;
}

export function readStream(text: string): StreamAnswer {
  const decoder = new SseDecoder({ lineBytes: 4 * 1024 * 1024, eventBytes: 4 * 1024 * 1024 });
  const events = decoder.push(Buffer.from(text));
  const chunks: StreamChunk[] = [];
  const strange: string[] = [];
  let done = false;
  for (const event of events.ok ? events.value : []) {
    if (event.kind !== 'event') continue;
    if (event.data === '[DONE]') {
      done = true;
      continue;
    }
    const chunk = chunkSchema.safeParse(parseJson(event.data));
    if (chunk.success) chunks.push(chunk.data);
    else strange.push(event.data);
  }
  return { chunks, strange, done, partial: decoder.hasPartialEvent, text: chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
