import { isRecord } from '../../std/is-record.ts';
import { publishedReason, readMessagesUsage } from './read-messages-usage.ts';
import { wholeChat } from '../write-chat-answer.ts';

/** A whole answer of Anthropic's Messages API in the published form; undefined where it is none. */
export function wholeMessage(json: unknown, created: number): string | undefined {
  if (!isRecord(json) || json['type'] !== 'message' || !Array.isArray(json['content']) || typeof json['stop_reason'] !== 'string') return undefined;
  let text = '';
  let thinking = '';
  let signature: string | undefined;
  const calls: object[] = [];
  for (const block of json['content']) {
    if (!isRecord(block)) return undefined;
    if (block['type'] === 'text' && typeof block['text'] === 'string') text += block['text'];
    if (block['type'] === 'thinking' && typeof block['thinking'] === 'string') thinking += block['thinking'];
    if (block['type'] === 'thinking' && typeof block['signature'] === 'string') signature = block['signature'];
    if (block['type'] === 'tool_use')
      calls.push({ id: block['id'], type: 'function', function: { name: block['name'], arguments: JSON.stringify(block['input'] ?? {}) } });
  }
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(thinking === '' ? {} : { reasoning_content: thinking }),
    ...(signature === undefined ? {} : { reasoning_signature: signature }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  const identity = { id: textOr(json['id'], 'msg'), model: textOr(json['model'], ''), created };
  const stopWord = typeof json['stop_sequence'] === 'string' ? json['stop_sequence'] : undefined;
  return wholeChat(identity, message, publishedReason(json['stop_reason']), readMessagesUsage(json['usage'], undefined), stopWord);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
