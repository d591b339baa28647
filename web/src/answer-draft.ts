import { isRecord } from './is-record.ts';
import { readReport, type AnswerReport } from './segment.ts';

/** What went wrong, in words for the reader and as a code of the error catalogue (or of this page). */
export interface Trouble {
  readonly message: string;
  readonly code: string;
}

/** What has arrived of an answer. */
export interface AnswerDraft {
  readonly text: string;
  readonly reasoning: string;
  /** Events that carried content; chunks are not tokens. */
  readonly contentChunks: number;
  readonly finishReason: string | undefined;
  readonly report: AnswerReport | undefined;
  readonly trouble: Trouble | undefined;
  /** Whether `[DONE]` came. Nothing after it counts. */
  readonly done: boolean;
}

/** How an answer ended. Everything but `complete` is shown as incomplete. */
export type Ending =
  | { readonly kind: 'complete'; readonly finishReason: string }
  | { readonly kind: 'incomplete'; readonly trouble: Trouble }
  | { readonly kind: 'stopped' };

export const emptyDraft: AnswerDraft = {
  text: '',
  reasoning: '',
  contentChunks: 0,
  finishReason: undefined,
  report: undefined,
  trouble: undefined,
  done: false,
};

const knownFinishReasons: ReadonlySet<string> = new Set(['stop', 'length', 'content_filter', 'tool_calls', 'function_call']);

/** Adds the `data` of one server-sent event to the draft. After `[DONE]` or an error nothing is added. */
export function takeEvent(draft: AnswerDraft, data: string): AnswerDraft {
  if (draft.done || draft.trouble !== undefined) return draft;
  if (data.trim() === '[DONE]') return { ...draft, done: true };
  const event = parseRecord(data);
  if (event === undefined) return { ...draft, trouble: { message: 'The gateway sent an event that is not JSON.', code: 'malformed_event' } };
  const report = readReport(event['second_source']) ?? draft.report;
  const error = event['error'];
  if (error !== undefined && error !== null) return { ...draft, report, trouble: readTrouble(error) };
  return takeChoice({ ...draft, report }, event['choices']);
}

/**
 * Judges a stream that ended. A clean end of the transport proves nothing (fetch reports success for bodies that were
 * cut), so only a known finish reason and `[DONE]`, without an error event, make an answer complete.
 */
export function endingOf(draft: AnswerDraft): Ending {
  if (draft.trouble !== undefined) return { kind: 'incomplete', trouble: draft.trouble };
  if (!draft.done) return incomplete('The connection ended before the answer did.', 'stream_cut');
  if (draft.finishReason === undefined) return incomplete('The answer ended without a finish reason.', 'no_finish_reason');
  if (!knownFinishReasons.has(draft.finishReason))
    return incomplete('The answer ended for a reason that this page does not know.', 'unknown_finish_reason');
  return { kind: 'complete', finishReason: draft.finishReason };
}

/** Reads OpenAI's error object; what is missing is said so, never guessed. */
export function readTrouble(error: unknown): Trouble {
  const record = isRecord(error) ? error : {};
  return {
    message: typeof record['message'] === 'string' ? record['message'] : 'The gateway gave no message.',
    code: typeof record['code'] === 'string' ? record['code'] : 'unknown_error',
  };
}

export function incomplete(message: string, code: string): Ending {
  return { kind: 'incomplete', trouble: { message, code } };
}

function takeChoice(draft: AnswerDraft, choices: unknown): AnswerDraft {
  // The usage chunk has an empty list; only one choice is ever asked for.
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  if (!isRecord(choice)) return draft;
  const delta = isRecord(choice['delta']) ? choice['delta'] : {};
  const content = textIn(delta['content']) + textIn(delta['refusal']);
  const finishReason = choice['finish_reason'];
  return {
    ...draft,
    text: draft.text + content,
    // vLLM and SGLang send `reasoning_content`, newer vLLM `reasoning`.
    reasoning: draft.reasoning + (textIn(delta['reasoning_content']) || textIn(delta['reasoning'])),
    contentChunks: draft.contentChunks + (content === '' ? 0 : 1),
    finishReason: typeof finishReason === 'string' ? finishReason : draft.finishReason,
  };
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parseRecord(data: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(data);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
