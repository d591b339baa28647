import { editObject, memberValues } from './edit-object.ts';
import { jsonItems, spliceItems } from './json-items.ts';

const decoder = new TextDecoder();

/**
 * The chunks that say what a whole answer says, for an endpoint that answered a stream request in one piece (fault 26):
 * each choice's message as one delta, then its finish reason, then the usage. The message's own bytes are kept.
 * Undefined where the body is no answer of the route.
 */
export function streamFromWhole(route: 'chat' | 'completions', body: Uint8Array): readonly string[] | undefined {
  const top = memberValues(body);
  const choices = top?.get('choices');
  if (top === undefined || choices === undefined) return undefined;
  const head = ['id', 'created', 'model'].flatMap((name) => {
    const value = top.get(name);
    return value === undefined ? [] : [`"${name}":${decoder.decode(value)}`];
  });
  const object = `"object":"${route === 'chat' ? 'chat.completion.chunk' : 'text_completion'}"`;
  const chunk = (choice: string, more = ''): string => `{${[...head, object, `"choices":[${choice}]${more}`].join(',')}}`;
  const chunks: string[] = [];
  for (const [at, { start, end }] of jsonItems(choices).entries()) {
    const parts = choiceParts(route, choices.subarray(start, end), at);
    if (parts === undefined) return undefined;
    chunks.push(chunk(parts.content), chunk(parts.finish));
  }
  const usage = top.get('usage');
  if (usage !== undefined) chunks.push(chunk('', `,"usage":${decoder.decode(usage)}`));
  return chunks.length === 0 ? undefined : chunks;
}

function choiceParts(
  route: 'chat' | 'completions',
  choice: Uint8Array,
  at: number,
): { readonly content: string; readonly finish: string } | undefined {
  const members = memberValues(choice);
  const made = members?.get(route === 'chat' ? 'message' : 'text');
  const finish = members?.get('finish_reason');
  if (members === undefined || made === undefined || finish === undefined) return undefined;
  const given = members.get('index');
  const index = `"index":${given === undefined ? at : decoder.decode(given)}`;
  const logprobs = members.get('logprobs');
  const told = logprobs === undefined ? '' : `,"logprobs":${decoder.decode(logprobs)}`;
  const delta = route === 'chat' ? `"delta":${messageAsDelta(made)}` : `"text":${decoder.decode(made)}`;
  const nothing = route === 'chat' ? '"delta":{}' : '"text":""';
  return {
    content: `{${index},${delta}${told},"finish_reason":null}`,
    finish: `{${index},${nothing},"finish_reason":${decoder.decode(finish)}}`,
  };
}

/** In a stream each tool call says which it is; all else of a message is a delta as it stands. */
function messageAsDelta(message: Uint8Array): string {
  const edited = editObject(message, (members) => {
    const calls = members.get('tool_calls');
    const indexed =
      calls === undefined ? undefined : spliceItems(calls, (call, index) => editObject(call, () => new Map([['index', String(index)]])) ?? call);
    return new Map(indexed === undefined ? [] : [['tool_calls', decoder.decode(indexed)]]);
  });
  return decoder.decode(edited ?? message);
}
