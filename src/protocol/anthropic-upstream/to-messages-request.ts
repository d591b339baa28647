import {
  argumentsObject,
  base64Data,
  chatBodySchema,
  partsOf,
  type ChatBody,
  type ChatBodyMessage,
  type ChatBodyPart,
  type Untranslatable,
} from '../chat-body.ts';
import { failure, success, type Result } from '../../std/result.ts';

/** The API demands a bound; this one is within every model's. */
const unsaidMaxTokens = 4096;

type Block = Readonly<Record<string, unknown>>;

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}

/**
 * A chat request as one of Anthropic's Messages API. System messages are gathered at the beginning, as Anthropic's own
 * OpenAI route does; messages of one side in a row become one turn, since results of parallel calls must stand together.
 */
export function toMessagesRequest(json: unknown): Result<Record<string, unknown>, Untranslatable> {
  const parsed = chatBodySchema.safeParse(json);
  if (!parsed.success) return failure({ path: parsed.error.issues[0]?.path.join('.') ?? '', what: 'has a form that this dialect has no word for' });
  const body = parsed.data;
  const turns: Turn[] = [];
  const system: Block[] = [];
  for (const [index, message] of body.messages.entries()) {
    if (message.role === 'system' || message.role === 'developer') {
      system.push(...partsOf(message.content).flatMap(textBlocks));
      continue;
    }
    const blocks =
      message.role === 'assistant' ? assistantBlocks(message) : message.role === 'tool' ? toolResult(message) : userBlocks(message.content);
    if (blocks === undefined) return failure({ path: `messages.${index}`, what: 'has a part or arguments that this dialect has no word for' });
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: [...blocks] });
  }
  return success({
    model: body.model,
    max_tokens: body.max_completion_tokens ?? body.max_tokens ?? unsaidMaxTokens,
    ...(system.length === 0 ? {} : { system }),
    messages: turns.filter(({ content }) => content.length > 0),
    ...sampling(body),
    ...tools(body),
    ...output(body),
  });
}

function sampling(body: ChatBody): object {
  const stops = typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []);
  return {
    ...(body.stream === true ? { stream: true } : {}),
    ...(body.temperature == null ? {} : { temperature: body.temperature }),
    ...(body.top_p == null ? {} : { top_p: body.top_p }),
    ...(body.top_k == null ? {} : { top_k: body.top_k }),
    ...(stops.length === 0 ? {} : { stop_sequences: stops }),
    ...(body.user == null ? {} : { metadata: { user_id: body.user } }),
  };
}

function tools(body: ChatBody): object {
  if (body.tools == null || body.tools.length === 0) return {};
  const single = body.parallel_tool_calls === false ? { disable_parallel_tool_use: true } : {};
  return {
    tools: body.tools.map(({ function: made, cache_control: cache }) => ({
      name: made.name,
      ...(made.description == null ? {} : { description: made.description }),
      input_schema: made.parameters ?? { type: 'object', properties: {} },
      ...(made.strict === true ? { strict: true } : {}),
      ...(cache == null ? {} : { cache_control: cache }),
    })),
    ...(body.tool_choice == null && body.parallel_tool_calls !== false ? {} : { tool_choice: toolChoice(body.tool_choice ?? 'auto', single) }),
  };
}

function toolChoice(choice: NonNullable<ChatBody['tool_choice']>, single: object): object {
  if (choice === 'none') return { type: 'none' };
  if (choice === 'auto') return { type: 'auto', ...single };
  return choice === 'required' ? { type: 'any', ...single } : { type: 'tool', name: choice.function.name, ...single };
}

/** How the answer is to be formed and how much is thought before it. */
function output({ response_format: format, reasoning_effort: effort, thinking }: ChatBody): object {
  const schema = format?.type === 'json_schema' ? { format: { type: 'json_schema', schema: format.json_schema.schema ?? { type: 'object' } } } : {};
  const level = effort == null || effort === 'none' ? {} : { effort: effort === 'minimal' ? 'low' : effort };
  const config = { ...schema, ...level };
  const thought = thinking ?? (effort === 'none' ? { type: 'disabled' } : undefined);
  return { ...(Object.keys(config).length === 0 ? {} : { output_config: config }), ...(thought == null ? {} : { thinking: thought }) };
}

/** Blocks of no text are refused there, and say nothing. */
function textBlocks(part: ChatBodyPart): readonly Block[] {
  const text = part.type === 'text' ? part.text : part.type === 'refusal' ? part.refusal : '';
  return text === '' ? [] : [{ type: 'text', text, ...hint(part) }];
}

function hint(part: object): object {
  return 'cache_control' in part && part.cache_control != null ? { cache_control: part.cache_control } : {};
}

function userBlocks(content: ChatBodyMessage['content']): readonly Block[] | undefined {
  const blocks: Block[] = [];
  for (const part of partsOf(content)) {
    if (part.type === 'text' || part.type === 'refusal') {
      blocks.push(...textBlocks(part));
      continue;
    }
    const block = part.type === 'image_url' ? imageBlock(part.image_url.url) : documentBlock(part.file);
    if (block === undefined) return undefined;
    blocks.push({ ...block, ...hint(part) });
  }
  return blocks;
}

function imageBlock(url: string): Block | undefined {
  const inline = base64Data(url);
  if (inline !== undefined) return { type: 'image', source: { type: 'base64', media_type: inline.mediaType, data: inline.data } };
  return /^https?:/i.test(url) ? { type: 'image', source: { type: 'url', url } } : undefined;
}

function documentBlock({ filename, file_data: data }: Extract<ChatBodyPart, { type: 'file' }>['file']): Block | undefined {
  const inline = base64Data(data);
  if (inline === undefined) return undefined;
  return {
    type: 'document',
    source: { type: 'base64', media_type: inline.mediaType, data: inline.data },
    ...(filename == null ? {} : { title: filename }),
  };
}

/** Thinking goes back only with the signature that proves it; without one the API would refuse it. */
function assistantBlocks(message: Extract<ChatBodyMessage, { role: 'assistant' }>): readonly Block[] | undefined {
  const { reasoning_content: thinking, reasoning_signature: signature, refusal, tool_calls: calls } = message;
  const blocks: Block[] = signature == null ? [] : [{ type: 'thinking', thinking: thinking ?? '', signature }];
  blocks.push(...partsOf(message.content).flatMap(textBlocks));
  if (refusal != null && refusal !== '') blocks.push({ type: 'text', text: refusal });
  for (const call of calls ?? []) {
    const input = argumentsObject(call.function.arguments);
    if (input === undefined) return undefined;
    blocks.push({ type: 'tool_use', id: call.id, name: call.function.name, input, ...hint(call) });
  }
  return blocks;
}

function toolResult(message: Extract<ChatBodyMessage, { role: 'tool' }>): readonly Block[] | undefined {
  const content = userBlocks(message.content);
  return content === undefined ? undefined : [{ type: 'tool_result', tool_use_id: message.tool_call_id, content, ...hint(message) }];
}
