import { count } from '../read-usage.ts';
import { isRecord } from '../../std/is-record.ts';
import type { ToldUsage } from '../write-chat-answer.ts';

export interface GeminiCall {
  readonly id: string | undefined;
  readonly name: string;
  readonly args: string;
  readonly signature: string | undefined;
}

/** What one response of Gemini, whole or a piece of a stream, says of its first candidate. */
export interface GeminiPiece {
  readonly text: string;
  readonly thought: string;
  readonly calls: readonly GeminiCall[];
  readonly finishReason: string | undefined;
  readonly usage: ToldUsage | undefined;
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** Why the prompt was refused, where it was. */
  readonly blocked: string | undefined;
}

/** Undefined where it is no response of `generateContent`. */
export function readCandidate(json: unknown): GeminiPiece | undefined {
  if (!isRecord(json) || (json['candidates'] === undefined && json['promptFeedback'] === undefined && json['usageMetadata'] === undefined))
    return undefined;
  const candidates: readonly unknown[] = Array.isArray(json['candidates']) ? json['candidates'] : [];
  const candidate = isRecord(candidates[0]) ? candidates[0] : {};
  const content = isRecord(candidate['content']) ? candidate['content'] : {};
  let text = '';
  let thought = '';
  const calls: GeminiCall[] = [];
  for (const part of Array.isArray(content['parts']) ? content['parts'] : []) {
    if (!isRecord(part)) continue;
    if (typeof part['text'] === 'string' && part['thought'] === true) thought += part['text'];
    else if (typeof part['text'] === 'string') text += part['text'];
    const call = part['functionCall'];
    if (isRecord(call) && typeof call['name'] === 'string')
      calls.push({
        id: textOf(call['id']),
        name: call['name'],
        args: JSON.stringify(call['args'] ?? {}),
        signature: textOf(part['thoughtSignature']),
      });
  }
  const feedback = json['promptFeedback'];
  return {
    text,
    thought,
    calls,
    finishReason: textOf(candidate['finishReason']),
    usage: readUsageMetadata(json['usageMetadata']),
    id: textOf(json['responseId']),
    model: textOf(json['modelVersion']),
    blocked: isRecord(feedback) ? textOf(feedback['blockReason']) : undefined,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Thoughts are billed as output and counted beside the candidates' tokens. */
function readUsageMetadata(value: unknown): ToldUsage | undefined {
  if (!isRecord(value)) return undefined;
  const prompt = count(value['promptTokenCount']);
  if (prompt === undefined) return undefined;
  const thoughts = count(value['thoughtsTokenCount']) ?? 0;
  return {
    inputTokens: prompt + (count(value['toolUsePromptTokenCount']) ?? 0),
    cachedInputTokens: count(value['cachedContentTokenCount']) ?? 0,
    cacheWriteTokens: 0,
    outputTokens: (count(value['candidatesTokenCount']) ?? 0) + thoughts,
    reasoningTokens: thoughts,
  };
}

const reasons: Readonly<Record<string, string>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  LANGUAGE: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
};

/** Gemini ends an answer that calls functions with `STOP`. A word that is not known passes as it is, and proves nothing. */
export function publishedReason(reason: string, called: boolean): string {
  const published = (Object.hasOwn(reasons, reason) ? reasons[reason] : undefined) ?? reason;
  return called && published === 'stop' ? 'tool_calls' : published;
}

/** A call in the published form. The signature stands where Google's own OpenAI route has it, to be sent back. */
export function publishedCall(call: GeminiCall, place: number, answerId: string): object {
  return {
    id: call.id ?? `call_${answerId}_${place}`,
    type: 'function',
    function: { name: call.name, arguments: call.args },
    ...(call.signature === undefined ? {} : { extra_content: { google: { thought_signature: call.signature } } }),
  };
}

export function blockedError(reason: string): string {
  return JSON.stringify({
    error: { code: 400, status: 'PROMPT_BLOCKED', type: 'content_filter', message: `The prompt was blocked by the safety rules (${reason}).` },
  });
}
