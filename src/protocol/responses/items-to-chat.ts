import type { InputItem, InputPart } from './response-shapes.ts';

export type ChatMessageBody = Readonly<Record<string, unknown>>;
type Part = Readonly<Record<string, unknown>>;
type Assistant = Extract<InputItem, { role: 'assistant' }>;

/** What an assistant said in several items, which is one message in chat. */
interface Turn {
  reasoning: string;
  signature: string | undefined;
  content: string | readonly Part[] | undefined;
  calls: Part[];
}

/** Input or output items in the words of chat completions: what an assistant thought, said and called in a row is one message. */
export function itemsToChat(items: readonly InputItem[]): readonly ChatMessageBody[] {
  const messages: ChatMessageBody[] = [];
  let turn: Turn | undefined;
  const endTurn = (): void => {
    if (turn !== undefined) messages.push(assistantMessage(turn));
    turn = undefined;
  };
  for (const item of items) {
    if ('role' in item && item.role !== 'assistant') {
      endTurn();
      messages.push({ role: item.role, content: typeof item.content === 'string' ? item.content : plainest(item.content.map(chatPart)) });
    } else if (!('role' in item) && item.type === 'function_call_output') {
      endTurn();
      const { output } = item;
      messages.push({ role: 'tool', tool_call_id: item.call_id, content: typeof output === 'string' ? output : plainest(output.map(chatPart)) });
    } else {
      if (turn !== undefined && beginsAnew(item, turn)) endTurn();
      turn ??= { reasoning: '', signature: undefined, content: undefined, calls: [] };
      addTo(turn, item);
    }
  }
  endTurn();
  return messages;
}

type AssistantItem = Assistant | Extract<InputItem, { type: 'function_call' | 'reasoning' }>;

/** Thought comes before what is said, and what is said before what is called. */
function beginsAnew(item: AssistantItem, turn: Turn): boolean {
  if ('role' in item) return turn.content !== undefined || turn.calls.length > 0;
  return item.type === 'reasoning' && (turn.content !== undefined || turn.calls.length > 0);
}

function addTo(turn: Turn, item: AssistantItem): void {
  if ('role' in item) {
    turn.content = typeof item.content === 'string' ? item.content : plainest(item.content.map(spokenPart));
    return;
  }
  if (item.type === 'function_call') {
    turn.calls.push({ id: item.call_id, type: 'function', function: { name: item.name, arguments: item.arguments } });
    return;
  }
  const thoughts = item.content == null || item.content.length === 0 ? (item.summary ?? []) : item.content;
  turn.reasoning += thoughts.map(({ text }) => text).join('');
  turn.signature = item.encrypted_content ?? turn.signature;
}

function assistantMessage({ reasoning, signature, content, calls }: Turn): ChatMessageBody {
  return {
    role: 'assistant',
    content: content ?? (calls.length > 0 ? null : ''),
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(signature === undefined ? {} : { reasoning_signature: signature }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** One text is a string: not every chat template knows parts. */
function plainest(parts: readonly Part[]): string | readonly Part[] {
  const [only] = parts;
  if (only === undefined) return '';
  return parts.length === 1 && only['type'] === 'text' && typeof only['text'] === 'string' ? only['text'] : parts;
}

function chatPart(part: InputPart): Part {
  switch (part.type) {
    case 'input_text':
      return { type: 'text', text: part.text };
    case 'input_image':
      return { type: 'image_url', image_url: { url: part.image_url, ...(part.detail == null ? {} : { detail: part.detail }) } };
    case 'input_file':
      return { type: 'file', file: { file_data: part.file_data, ...(part.filename == null ? {} : { filename: part.filename }) } };
  }
}

function spokenPart(part: Exclude<Assistant['content'], string>[number]): Part {
  return part.type === 'refusal' ? { type: 'refusal', refusal: part.refusal } : { type: 'text', text: part.text };
}
