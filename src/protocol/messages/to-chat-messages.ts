import type { ClientMessage, ContentBlock, MessagesPrompt, TextBlock } from './message-shapes.ts';

export type ChatMessageBody = Readonly<Record<string, unknown>>;
type Part = Readonly<Record<string, unknown>>;
type UserMessage = Extract<ClientMessage, { role: 'user' }>;
type AssistantMessage = Extract<ClientMessage, { role: 'assistant' }>;

/** The conversation in the words of chat completions. What they have no word for travels under Anthropic's own name. */
export function toChatMessages({ system, messages }: Pick<MessagesPrompt, 'system' | 'messages'>): readonly ChatMessageBody[] {
  const first = system == null || system.length === 0 ? [] : [{ role: 'system', content: textContent(system) }];
  return [
    ...first,
    ...messages.flatMap((message) => {
      if (message.role === 'system') return [{ role: 'system', content: textContent(message.content) }];
      return message.role === 'user' ? userMessages(message) : [assistantMessage(message)];
    }),
  ];
}

function textContent(content: string | readonly TextBlock[]): string | readonly Part[] {
  return typeof content === 'string' ? content : plainest(content.map(textPart));
}

/** One text without hints is a string: not every chat template knows parts. */
function plainest(parts: readonly Part[]): string | readonly Part[] {
  const [only] = parts;
  const isPlain = parts.length === 1 && only?.['type'] === 'text' && only['cache_control'] === undefined;
  return isPlain && typeof only['text'] === 'string' ? only['text'] : parts;
}

/** Results come first: chat completions want them straight after the calls that they answer. */
function userMessages({ content }: UserMessage): readonly ChatMessageBody[] {
  if (typeof content === 'string') return [{ role: 'user', content }];
  const results: ChatMessageBody[] = [];
  const parts: Part[] = [];
  for (const block of content) {
    if (block.type !== 'tool_result') {
      parts.push(...contentParts(block));
      continue;
    }
    const said = block.content ?? '';
    const answer = typeof said === 'string' ? said : said.length === 0 ? '' : plainest(said.flatMap(contentParts));
    results.push({ role: 'tool', tool_call_id: block.tool_use_id, content: answer, ...hint(block) });
  }
  return parts.length === 0 ? results : [...results, { role: 'user', content: plainest(parts) }];
}

function contentParts(block: ContentBlock): readonly Part[] {
  switch (block.type) {
    case 'text':
      return [textPart(block)];
    case 'image': {
      const { source } = block;
      const url = source.type === 'url' ? source.url : `data:${source.media_type};base64,${source.data}`;
      return [{ type: 'image_url', image_url: { url }, ...hint(block) }];
    }
    case 'document':
      return documentParts(block);
  }
}

function documentParts(block: Extract<ContentBlock, { type: 'document' }>): readonly Part[] {
  const { source, title, context } = block;
  const told = [title, context].flatMap((text) => (text == null || text === '' ? [] : [{ type: 'text', text }]));
  switch (source.type) {
    case 'base64': {
      const file = { filename: title ?? 'document.pdf', file_data: `data:${source.media_type};base64,${source.data}` };
      return [...(context == null ? [] : [{ type: 'text', text: context }]), { type: 'file', file, ...hint(block) }];
    }
    case 'text':
      return [...told, { type: 'text', text: source.data, ...hint(block) }];
    case 'content':
      return [
        ...told,
        ...(typeof source.content === 'string' ? [{ type: 'text', text: source.content, ...hint(block) }] : source.content.map(textPart)),
      ];
  }
}

function textPart(block: TextBlock): Part {
  return { type: 'text', text: block.text, ...hint(block) };
}

function hint({ cache_control }: { readonly cache_control?: { readonly type: string } | null | undefined }): { readonly cache_control?: unknown } {
  return cache_control == null ? {} : { cache_control };
}

function assistantMessage({ content }: AssistantMessage): ChatMessageBody {
  if (typeof content === 'string') return { role: 'assistant', content };
  const parts = content.flatMap((block) => (block.type === 'text' ? [textPart(block)] : []));
  const thoughts = content.flatMap((block) => (block.type === 'thinking' ? [block] : []));
  const calls = content.flatMap((block) =>
    block.type === 'tool_use'
      ? [{ id: block.id, type: 'function', function: { name: block.name, arguments: JSON.stringify(block.input) }, ...hint(block) }]
      : [],
  );
  const signature = thoughts.at(-1)?.signature;
  return {
    role: 'assistant',
    content: parts.length > 0 ? plainest(parts) : calls.length > 0 ? null : '',
    ...(thoughts.length === 0 ? {} : { reasoning_content: thoughts.map(({ thinking }) => thinking).join('') }),
    ...(signature == null || signature === '' ? {} : { reasoning_signature: signature }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}
