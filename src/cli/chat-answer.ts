import { z } from 'zod';
import { SseDecoder } from '../protocol/decode-sse.ts';

const segmentSchema = z.object({
  endpoint: z.string(),
  deployment: z.string(),
  vendor: z.string(),
  silicon: z.string(),
  evidence: z.string(),
  /** Null where nobody counted. */
  output_tokens: z.number().nullable(),
  characters: z.number(),
  continued_by: z.string().nullish(),
  gap_ms: z.number().nullable(),
});

const provenanceSchema = z.object({ request_id: z.string(), attempts: z.number(), overhead_ms: z.number(), segments: z.array(segmentSchema) });

export type AnswerProvenance = z.infer<typeof provenanceSchema>;

const chunkSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).optional(), finish_reason: z.string().nullish() })).optional(),
  usage: z.record(z.string(), z.unknown()).nullish(),
  second_source: provenanceSchema.optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** What came of a streamed answer, whole or not. */
export interface ChatAnswer {
  readonly text: string;
  readonly finishReason: string | undefined;
  readonly usage: Record<string, unknown> | undefined;
  readonly provenance: AnswerProvenance | undefined;
  /** Why the answer is not complete; undefined only with a finish reason, the end marker and no error. */
  readonly broken: string | undefined;
}

/**
 * Reads a streamed answer and hands its text on as it comes. The end of the connection proves nothing: an answer is
 * complete only with a finish reason and `[DONE]` (DESIGN §4.1).
 */
export async function readChatAnswer(body: AsyncIterable<unknown>, onText: (text: string) => void): Promise<ChatAnswer> {
  const decoder = new SseDecoder({ lineBytes: 1024 * 1024, eventBytes: 4 * 1024 * 1024 });
  const answer = new GrowingAnswer(onText);
  try {
    for await (const bytes of body) {
      if (!(bytes instanceof Uint8Array)) continue;
      const events = decoder.push(bytes);
      if (!events.ok) return answer.end('the gateway sent a line over the limit');
      for (const event of events.value) {
        if (event.kind === 'event' && answer.take(event.data) === 'stop') return answer.end(undefined);
      }
    }
  } catch {
    return answer.end('the connection broke');
  }
  return answer.end('the connection ended');
}

class GrowingAnswer {
  readonly #onText: (text: string) => void;
  #text = '';
  #finishReason: string | undefined;
  #usage: Record<string, unknown> | undefined;
  #provenance: AnswerProvenance | undefined;
  #error: string | undefined;
  #done = false;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  take(data: string): 'go on' | 'stop' {
    if (data === '[DONE]') {
      this.#done = true;
      return 'stop';
    }
    const chunk = chunkSchema.safeParse(parseJson(data));
    if (!chunk.success) {
      this.#error = 'the gateway sent an event that cannot be read';
      return 'stop';
    }
    const { choices, usage, second_source: provenance, error } = chunk.data;
    this.#usage = usage ?? this.#usage;
    this.#provenance = provenance ?? this.#provenance;
    const choice = choices?.[0];
    this.#finishReason = choice?.finish_reason ?? this.#finishReason;
    const content = choice?.delta?.content ?? '';
    this.#text += content;
    if (content !== '') this.#onText(content);
    if (error === undefined) return 'go on';
    this.#error = error.message;
    return 'stop';
  }

  end(why: string | undefined): ChatAnswer {
    const complete = this.#done && this.#finishReason !== undefined;
    return {
      text: this.#text,
      finishReason: this.#finishReason,
      usage: this.#usage,
      provenance: this.#provenance,
      broken: this.#error ?? (complete ? undefined : (why ?? 'the end marker came without a finish reason')),
    };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
