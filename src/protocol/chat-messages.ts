import { z } from 'zod';

/** A part of a message that is no text, for capability and domain rules (S12). */
export interface MediaPart {
  readonly kind: 'image' | 'audio' | 'video' | 'file';
  /** The address the endpoint would have to fetch; undefined where the bytes came along or a file id was given. */
  readonly url: string | undefined;
}

const NAME_CHARACTERS = 128;

// An engine on the operator's machine must not be led to `file:` or another scheme of its own (S12).
const mediaUrl = z.string().regex(/^(?:https?:\/\/|data:)/i, 'expected an http, https or data URL');
const address = z.object({ url: mediaUrl });
const name = z.string().max(NAME_CHARACTERS).nullish();

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });
const fileShape = z.object({ filename: z.string().nullish(), file_data: z.string().nullish(), file_id: z.string().nullish() });
const userPart = z.discriminatedUnion('type', [
  textPart,
  z.object({ type: z.literal('image_url'), image_url: address }),
  z.object({ type: z.literal('input_audio'), input_audio: z.object({ data: z.string(), format: z.string() }) }),
  z.object({ type: z.literal('file'), file: fileShape }),
  // Not published, but vLLM's and SGLang's way to pass what OpenAI's API has no part for.
  z.object({ type: z.literal('video_url'), video_url: address }),
  z.object({ type: z.literal('audio_url'), audio_url: address }),
]);

const textContent = z.union([z.string(), z.array(textPart).min(1)]);
const userContent = z.union([z.string(), z.array(userPart).min(1)]);
const assistantContent = z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, refusalPart])).min(1)]).nullish();
const calledFunction = z.object({ name: z.string(), arguments: z.string() });
const toolCall = z.discriminatedUnion('type', [
  z.object({ id: z.string(), type: z.literal('function'), function: calledFunction }),
  z.object({ id: z.string(), type: z.literal('custom'), custom: z.object({ name: z.string(), input: z.string() }) }),
]);

/**
 * OpenAI's six roles. Members that are not listed pass with the bytes: clients send answers back whole, with
 * whatever the engine that wrote them had added (`reasoning_content`, `annotations`).
 */
export const messageShape = z.discriminatedUnion('role', [
  z.object({ role: z.literal('developer'), content: textContent, name }),
  z.object({ role: z.literal('system'), content: textContent, name }),
  z.object({ role: z.literal('user'), content: userContent, name }),
  z.object({
    role: z.literal('assistant'),
    content: assistantContent,
    name,
    refusal: z.string().nullish(),
    audio: z.object({ id: z.string() }).nullish(),
    tool_calls: z.array(toolCall).nullish(),
    function_call: calledFunction.nullish(),
    // Prefill by a flag on the last message: DeepSeek and Mistral say `prefix`, Moonshot and Alibaba `partial`.
    prefix: z.boolean().nullish(),
    partial: z.boolean().nullish(),
  }),
  // vLLM and others let a tool answer with images.
  z.object({ role: z.literal('tool'), content: userContent, tool_call_id: z.string() }),
  z.object({ role: z.literal('function'), content: z.string().nullable(), name: z.string().max(NAME_CHARACTERS) }),
]);

type ChatMessage = z.infer<typeof messageShape>;
type ContentPart = z.infer<typeof userPart> | z.infer<typeof refusalPart>;

export interface MessageFacts {
  /** UTF-16 units of texts and tool calls. */
  readonly characters: number;
  readonly media: readonly MediaPart[];
  /** Nested fields beyond the published API that change what the request means. */
  readonly extensionFields: readonly string[];
}

export function messageFacts(messages: readonly ChatMessage[]): MessageFacts {
  let characters = 0;
  const media: MediaPart[] = [];
  const extensionFields = new Set<string>();
  for (const message of messages) {
    const content = message.content ?? '';
    if (typeof content === 'string') {
      characters += content.length;
    } else {
      for (const part of content) {
        characters += partCharacters(part);
        const found = mediaPart(part);
        if (found !== undefined) media.push(found);
        if (part.type === 'video_url' || part.type === 'audio_url') extensionFields.add(`messages[].content[].${part.type}`);
      }
    }
    if (message.role !== 'assistant') continue;
    characters += callCharacters(message);
    for (const field of ['prefix', 'partial'] as const) {
      if (message[field] === true) extensionFields.add(`messages[].${field}`);
    }
  }
  return { characters, media, extensionFields: [...extensionFields] };
}

function callCharacters(message: Extract<ChatMessage, { role: 'assistant' }>): number {
  let characters = (message.refusal ?? '').length;
  for (const call of message.tool_calls ?? []) {
    if (call.type === 'function') characters += call.function.name.length + call.function.arguments.length;
    else characters += call.custom.name.length + call.custom.input.length;
  }
  const call = message.function_call;
  return call == null ? characters : characters + call.name.length + call.arguments.length;
}

function partCharacters(part: ContentPart): number {
  if (part.type === 'text') return part.text.length;
  return part.type === 'refusal' ? part.refusal.length : 0;
}

function mediaPart(part: ContentPart): MediaPart | undefined {
  switch (part.type) {
    case 'image_url':
      return { kind: 'image', url: remote(part.image_url.url) };
    case 'video_url':
      return { kind: 'video', url: remote(part.video_url.url) };
    case 'audio_url':
      return { kind: 'audio', url: remote(part.audio_url.url) };
    case 'input_audio':
      return { kind: 'audio', url: undefined };
    case 'file':
      return { kind: 'file', url: undefined };
    default:
      return undefined;
  }
}

const remote = (url: string): string | undefined => (/^data:/i.test(url) ? undefined : url);
