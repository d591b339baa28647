import { z } from 'zod';
import { TraceProblem } from './trace-problem.ts';
import type { TraceOptions } from './read-trace.ts';
import type { TraceRequest } from './trace.ts';

const tokens = z.number().int().nonnegative().max(1e9);
const entry = z.object({ timestamp: z.number().nonnegative(), input_length: tokens, output_length: tokens, hash_ids: z.array(z.int32()) });

/** Mooncake hashes blocks of so many tokens. */
const mooncakeBlockTokens = 512;

/** Mooncake's published traces: each prompt with a hash for each of its blocks, so that caches can be simulated. */
export function* mooncakeTrace(lines: Iterable<string>, { model, sloClass }: TraceOptions): Generator<TraceRequest, undefined> {
  let line = 0;
  for (const text of lines) {
    line += 1;
    if (text === '') continue;
    const { timestamp, input_length, output_length, hash_ids } = readEntry(text, line);
    // The last id of a prompt may stand for a part of a block, which no engine caches.
    const full = Math.min(hash_ids.length, Math.floor(input_length / mooncakeBlockTokens));
    yield {
      atMs: timestamp,
      model,
      promptTokens: Math.max(1, input_length),
      outputTokens: Math.max(1, output_length),
      maxTokens: undefined,
      prefixHashes: Int32Array.from(hash_ids.slice(0, full)),
      prefixBlockTokens: mooncakeBlockTokens,
      sloClass,
    };
  }
  return undefined;
}

function readEntry(text: string, line: number): z.infer<typeof entry> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TraceProblem(line, 'this is not JSON.', 'Each line of a Mooncake trace is one object.');
  }
  const read = entry.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new TraceProblem(
    line,
    `\`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? 'wrong'}.`,
    'It needs timestamp, input_length, output_length and hash_ids.',
  );
}
