import { isRecord } from '../std/is-record.ts';

/**
 * UTF-16 units of all that a message or a delta says, in whatever form: text, reasoning, a refusal, the names and
 * arguments of calls. A guess of its tokens goes by it where nobody counted them (fault 67).
 */
export function saidCharacters(message: Record<string, unknown>): number {
  const { content, reasoning_content: reasoningContent, reasoning, refusal, tool_calls: toolCalls, function_call: functionCall } = message;
  const texts = [content, reasoningContent ?? reasoning, refusal].reduce((sum: number, text) => sum + lengthOf(text), 0);
  const calls: readonly unknown[] = Array.isArray(toolCalls) ? toolCalls.map((call: unknown) => (isRecord(call) ? call['function'] : undefined)) : [];
  return [...calls, functionCall].reduce(
    (sum: number, call) => sum + (isRecord(call) ? lengthOf(call['name']) + lengthOf(call['arguments']) : 0),
    texts,
  );
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return isRecord(value) ? JSON.stringify(value).length : 0;
}
