import { z } from 'zod';
import { TraceProblem } from '../trace/trace-problem.ts';

/** One request of a recorded run, times in milliseconds from the first one's arrival in the engine. */
export interface RecordedRequest {
  readonly atMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly totalMs: number;
}

const entry = z.object({
  input_toks: z.number().int().positive(),
  output_toks: z.number().int().positive(),
  queued_ts: z.number(),
  first_token_ts: z.number(),
  last_token_ts: z.number(),
});

/** Reads `requests.jsonl` of an LLMServingSim recording, in the order of arrival. */
export function readRecordedRun(lines: Iterable<string>): readonly RecordedRequest[] {
  const entries: z.infer<typeof entry>[] = [];
  let line = 0;
  for (const text of lines) {
    line += 1;
    if (text === '') continue;
    const read = entry.safeParse(JSON.parse(text));
    if (!read.success)
      throw new TraceProblem(line, 'this is no recorded request.', 'It needs input_toks, output_toks, queued_ts, first_token_ts and last_token_ts.');
    entries.push(read.data);
  }
  entries.sort((a, b) => a.queued_ts - b.queued_ts);
  const start = entries[0]?.queued_ts ?? 0;
  return entries.map(({ input_toks, output_toks, queued_ts, first_token_ts, last_token_ts }) => ({
    atMs: (queued_ts - start) * 1000,
    promptTokens: input_toks,
    outputTokens: output_toks,
    ttftMs: (first_token_ts - queued_ts) * 1000,
    tpotMs: output_toks > 1 ? ((last_token_ts - first_token_ts) * 1000) / (output_toks - 1) : 0,
    totalMs: (last_token_ts - queued_ts) * 1000,
  }));
}
