import { codePoints } from '../std/code-points.ts';
import { isRecord } from '../std/is-record.ts';
import { saidCharacters } from './said-characters.ts';
import { idMembers } from './edit-chunk.ts';
import { terminalReasons } from './read-chunk.ts';
import { readUsage, type WireUsage } from './read-usage.ts';

export type WholeAnswer =
  | {
      readonly kind: 'answer';
      readonly characters: number;
      readonly saidCharacters: number;
      /** Whether every choice ended with `stop` and says nothing. */
      readonly isEmptyStop: boolean;
      readonly model: string | undefined;
      /** Whether it tells token ids, which a client that did not ask for them is not shown. */
      readonly tellsIds: boolean;
      /** Whether it has a `second_source` of its own, which a gateway like this one further on has given it. */
      readonly tellsSource: boolean;
      readonly usage: WireUsage | undefined;
    }
  | { readonly kind: 'empty' }
  /** A tool call whose arguments are no JSON (fault 70). */
  | { readonly kind: 'bad-tool-call' }
  | { readonly kind: 'malformed' };

/** Judges a complete response body of an OpenAI-compatible endpoint, by route. */
export function readWholeAnswer(route: 'chat' | 'completions' | 'embeddings', text: string): WholeAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'malformed' };
  }
  if (!isRecord(value) || isRecord(value['error'])) return { kind: 'malformed' };
  const usage = readUsage(value['usage']);
  const model = typeof value['model'] === 'string' ? value['model'] : undefined;
  if (route === 'embeddings') {
    return Array.isArray(value['data']) && value['data'].length > 0
      ? { kind: 'answer', characters: 0, saidCharacters: 0, isEmptyStop: false, model, tellsIds: false, tellsSource: 'second_source' in value, usage }
      : { kind: 'malformed' };
  }
  const choices: unknown = value['choices'];
  if (!Array.isArray(choices)) return { kind: 'malformed' };
  if (choices.length === 0) return { kind: 'empty' };
  let characters = 0;
  let said = 0;
  let stops = true;
  let tellsIds = false;
  for (const choice of choices) {
    if (!isRecord(choice) || typeof choice['finish_reason'] !== 'string' || !terminalReasons.has(choice['finish_reason']))
      return { kind: 'malformed' };
    const message = isRecord(choice['message']) ? choice['message'] : {};
    // A call cut at the length limit is what the client asked for; one that says it is whole must be (fault 70).
    if (choice['finish_reason'] !== 'length' && !toolCallsAreWhole(message['tool_calls'])) return { kind: 'bad-tool-call' };
    const content = route === 'chat' ? message['content'] : choice['text'];
    if (typeof content === 'string') characters += codePoints(content);
    tellsIds ||= 'token_ids' in choice || 'prompt_token_ids' in choice;
    stops &&= choice['finish_reason'] === 'stop';
    said += saidCharacters(message, content);
  }
  return {
    kind: 'answer',
    characters,
    saidCharacters: said,
    isEmptyStop: said === 0 && stops,
    model,
    tellsIds: tellsIds || idMembers.some((name) => name in value),
    tellsSource: 'second_source' in value,
    usage,
  };
}

function toolCallsAreWhole(calls: unknown): boolean {
  if (!Array.isArray(calls)) return true;
  return calls.every((call) => {
    const made = isRecord(call) && isRecord(call['function']) ? call['function']['arguments'] : undefined;
    if (typeof made !== 'string') return isRecord(made);
    try {
      JSON.parse(made);
      return true;
    } catch {
      return false;
    }
  });
}
