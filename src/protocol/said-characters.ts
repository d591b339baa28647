import { isRecord } from '../std/is-record.ts';

/**
 * UTF-16 units of all that a message or a delta says, in whatever form: text, reasoning, a refusal, the names and
 * arguments of calls. A guess of its tokens goes by it where nobody counted them (fault 67). `content` is given apart,
 * because a raw completion has it elsewhere.
 */
export function saidCharacters(message: Record<string, unknown>, content: unknown = message['content']): number {
  let said = lengthOf(content) + lengthOf(message['reasoning_content'] ?? message['reasoning']) + lengthOf(message['refusal']);
  const given = message['tool_calls'];
  const calls: readonly unknown[] = Array.isArray(given) ? given : [];
  for (const call of calls) said += isRecord(call) ? callLength(call['function']) : 0;
  return said + callLength(message['function_call']);
}

function callLength(call: unknown): number {
  return isRecord(call) ? lengthOf(call['name']) + lengthOf(call['arguments']) : 0;
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return isRecord(value) ? JSON.stringify(value).length : 0;
}
