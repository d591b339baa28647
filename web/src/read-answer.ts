import { emptyDraft, endingOf, incomplete, takeEvent, type AnswerDraft, type Ending } from './answer-draft.ts';
import { SseLines } from './sse-lines.ts';

/** An answer on a page: more than this is no longer readable, and would slow the browser down. */
const longestAnswerCharacters = 2_000_000;

export interface AnswerRead {
  readonly draft: AnswerDraft;
  readonly ending: Ending;
}

/**
 * Reads a streamed chat completion to its end and tells of every piece of progress. Never rejects: a transport that
 * fails is an ending, `stopped` where `signal` asked for it.
 */
export async function readAnswer(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  onProgress: (draft: AnswerDraft) => void,
): Promise<AnswerRead> {
  const decoder = new TextDecoder();
  const lines = new SseLines();
  let draft = emptyDraft;
  try {
    for await (const piece of bytes) {
      const result = lines.push(decoder.decode(piece, { stream: true }));
      if (result.kind === 'too-large') return { draft, ending: incomplete('The gateway sent an event over 1 MiB.', 'event_too_large') };
      for (const data of result.data) draft = takeEvent(draft, data);
      if (draft.text.length + draft.reasoning.length > longestAnswerCharacters) {
        return { draft, ending: incomplete('The answer is longer than this page shows.', 'answer_too_long') };
      }
      onProgress(draft);
      if (draft.done || draft.trouble !== undefined) break;
    }
  } catch {
    if (signal.aborted) return { draft, ending: { kind: 'stopped' } };
    if (draft.trouble === undefined && !draft.done)
      return { draft, ending: incomplete('The connection broke before the answer ended.', 'stream_cut') };
  }
  if (signal.aborted && !draft.done && draft.trouble === undefined) return { draft, ending: { kind: 'stopped' } };
  return { draft, ending: endingOf(draft) };
}
