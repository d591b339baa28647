import { blockedError, publishedCall, publishedReason, readCandidate } from './read-candidate.ts';
import { isRecord } from '../../std/is-record.ts';
import { wholeChat } from '../write-chat-answer.ts';

export type WholeGenerate = { readonly kind: 'answer'; readonly body: string } | { readonly kind: 'blocked'; readonly body: string };

/** A whole answer of `generateContent` in the published form; undefined where it is none. */
export function wholeGenerate(
  json: unknown,
  identity: { readonly id: string; readonly model: string; readonly created: number },
): WholeGenerate | undefined {
  const piece = readCandidate(json);
  if (piece === undefined) return undefined;
  if (piece.blocked !== undefined) return { kind: 'blocked', body: blockedError(piece.blocked) };
  if (piece.finishReason === undefined) return undefined;
  const told = { ...identity, id: piece.id ?? identity.id, model: piece.model ?? identity.model };
  const message = {
    role: 'assistant',
    content: piece.text === '' && piece.calls.length > 0 ? null : piece.text,
    refusal: null,
    ...(piece.thought === '' ? {} : { reasoning_content: piece.thought }),
    ...(piece.calls.length === 0 ? {} : { tool_calls: piece.calls.map((call, place) => publishedCall(call, place, told.id)) }),
  };
  return { kind: 'answer', body: wholeChat(told, message, publishedReason(piece.finishReason, piece.calls.length > 0), piece.usage) };
}

/** Gemini's list of models in the published form; undefined where it is none. */
export function modelList(json: unknown): string | undefined {
  if (!isRecord(json) || !Array.isArray(json['models'])) return undefined;
  const data = json['models'].flatMap((model: unknown) => {
    if (!isRecord(model) || typeof model['name'] !== 'string') return [];
    const methods: unknown = model['supportedGenerationMethods'];
    if (Array.isArray(methods) && !methods.includes('generateContent')) return [];
    return [{ id: model['name'].replace(/^models\//, ''), object: 'model', owned_by: 'google' }];
  });
  return JSON.stringify({ object: 'list', data });
}

/** How long Gemini asks to be left alone: it stands in the body alone (google.rpc.RetryInfo). */
export function retryDelayMs(body: string): number | undefined {
  const found = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(body);
  return found === null ? undefined : Math.ceil(Number(found[1]) * 1000);
}
