import {
  argumentsObject,
  base64Data,
  chatBodySchema,
  partsOf,
  plainText,
  type ChatBody,
  type ChatBodyMessage,
  type ChatBodyPart,
  type Untranslatable,
} from '../chat-body.ts';
import { failure, success, type Result } from '../../std/result.ts';

type Part = Readonly<Record<string, unknown>>;

interface Content {
  readonly role: 'user' | 'model';
  readonly parts: Part[];
}

/** Google's own mapping of `reasoning_effort` onto budgets, from the page on its OpenAI route. */
const thinkingBudgets: ReadonlyMap<string, number> = new Map(Object.entries({ none: 0, minimal: 1024, low: 1024, medium: 8192, high: 24_576 }));

/** A chat request as one of Gemini's `generateContent`; the model goes in the path. */
export function toGenerateRequest(json: unknown): Result<{ readonly model: string; readonly request: Record<string, unknown> }, Untranslatable> {
  const parsed = chatBodySchema.safeParse(json);
  if (!parsed.success) return failure({ path: parsed.error.issues[0]?.path.join('.') ?? '', what: 'has a form that this dialect has no word for' });
  const body = parsed.data;
  const contents: Content[] = [];
  const system: Part[] = [];
  /** A result names its function there, so calls must be remembered by their ids. */
  const names = new Map<string, string>();
  for (const [index, message] of body.messages.entries()) {
    if (message.role === 'system' || message.role === 'developer') {
      system.push(...partsOf(message.content).flatMap(textParts));
      continue;
    }
    const parts =
      message.role === 'assistant' ? modelParts(message, names) : message.role === 'tool' ? resultParts(message, names) : userParts(message.content);
    if (parts === undefined)
      return failure({ path: `messages.${index}`, what: 'has a part, arguments or an id of a call that this dialect has no word for' });
    const role = message.role === 'assistant' ? 'model' : 'user';
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts: [...parts] });
  }
  const generationConfig = generation(body);
  return success({
    model: body.model,
    request: {
      contents: contents.filter(({ parts }) => parts.length > 0),
      ...(system.length === 0 ? {} : { systemInstruction: { parts: system } }),
      ...tools(body),
      ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
    },
  });
}

function generation(body: ChatBody): Record<string, unknown> {
  const stops = typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []);
  const most = body.max_completion_tokens ?? body.max_tokens;
  const format = body.response_format;
  const budget = body.reasoning_effort == null ? undefined : thinkingBudgets.get(body.reasoning_effort);
  return {
    ...(most == null ? {} : { maxOutputTokens: most }),
    ...(body.temperature == null ? {} : { temperature: body.temperature }),
    ...(body.top_p == null ? {} : { topP: body.top_p }),
    ...(body.top_k == null ? {} : { topK: body.top_k }),
    ...(body.seed == null ? {} : { seed: body.seed }),
    ...(body.frequency_penalty == null ? {} : { frequencyPenalty: body.frequency_penalty }),
    ...(body.presence_penalty == null ? {} : { presencePenalty: body.presence_penalty }),
    ...(stops.length === 0 ? {} : { stopSequences: stops }),
    ...(format == null || format.type === 'text' ? {} : { responseMimeType: 'application/json' }),
    ...(format?.type === 'json_schema' && format.json_schema.schema != null ? { responseJsonSchema: format.json_schema.schema } : {}),
    ...(budget === undefined ? {} : { thinkingConfig: { thinkingBudget: budget, includeThoughts: budget > 0 } }),
  };
}

function tools(body: ChatBody): object {
  if (body.tools == null || body.tools.length === 0) return {};
  const functionDeclarations = body.tools.map(({ function: made }) => ({
    name: made.name,
    ...(made.description == null ? {} : { description: made.description }),
    ...(made.parameters == null ? {} : { parametersJsonSchema: made.parameters }),
  }));
  const choice = body.tool_choice;
  const strict = body.tools.some(({ function: made }) => made.strict === true);
  const calling =
    strict && (choice == null || choice === 'auto')
      ? { mode: 'VALIDATED' }
      : choice == null
        ? undefined
        : typeof choice === 'string'
          ? { mode: choice === 'none' ? 'NONE' : choice === 'auto' ? 'AUTO' : 'ANY' }
          : { mode: 'ANY', allowedFunctionNames: [choice.function.name] };
  return { tools: [{ functionDeclarations }], ...(calling === undefined ? {} : { toolConfig: { functionCallingConfig: calling } }) };
}

function textParts(part: ChatBodyPart): readonly Part[] {
  const text = part.type === 'text' ? part.text : part.type === 'refusal' ? part.refusal : '';
  return text === '' ? [] : [{ text }];
}

function userParts(content: ChatBodyMessage['content']): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (const part of partsOf(content)) {
    if (part.type === 'text' || part.type === 'refusal') {
      parts.push(...textParts(part));
      continue;
    }
    const inline = base64Data(part.type === 'image_url' ? part.image_url.url : part.file.file_data);
    if (inline === undefined) return undefined;
    parts.push({ inlineData: { mimeType: inline.mediaType, data: inline.data } });
  }
  return parts;
}

function modelParts(message: Extract<ChatBodyMessage, { role: 'assistant' }>, names: Map<string, string>): readonly Part[] | undefined {
  const parts: Part[] = partsOf(message.content).flatMap(textParts);
  if (message.refusal != null && message.refusal !== '') parts.push({ text: message.refusal });
  for (const { id, function: made, extra_content: extra } of message.tool_calls ?? []) {
    const args = argumentsObject(made.arguments);
    if (args === undefined) return undefined;
    names.set(id, made.name);
    const signature = extra?.google?.thought_signature;
    parts.push({ functionCall: { id, name: made.name, args }, ...(signature === undefined ? {} : { thoughtSignature: signature }) });
  }
  return parts;
}

/** A result that is an object passes as one; any other text stands under `output`, as the page on calling functions has it. */
function resultParts(message: Extract<ChatBodyMessage, { role: 'tool' }>, names: ReadonlyMap<string, string>): readonly Part[] | undefined {
  const name = names.get(message.tool_call_id);
  const media = partsOf(message.content).some(({ type }) => type !== 'text');
  if (name === undefined || media) return undefined;
  const text = plainText(message.content);
  const response = text.trim() === '' ? { output: text } : (argumentsObject(text) ?? { output: text });
  return [{ functionResponse: { id: message.tool_call_id, name, response } }];
}
