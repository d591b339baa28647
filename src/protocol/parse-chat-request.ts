import { z } from 'zod';
import type { Fault } from '../std/error-catalogue.ts';
import { failure, success } from '../std/result.ts';
import type { Result } from '../std/result.ts';
import { messageFacts, messageShape } from './chat-messages.ts';
import type { MediaPart } from './chat-messages.ts';
import { checkJsonSchema } from './check-json-schema.ts';
import { findRefusedField } from './find-refused-field.ts';
import { checkGeneration, generationFacts, generationShape, publishedGenerationFields } from './generation-fields.ts';
import type { GenerationRequest } from './inference-request.ts';
import { withModel } from './model-choice.ts';
import { readUsualChat, type ReadUsualChat } from './read-usual-chat.ts';
import { readJsonObject } from './read-json-object.ts';
import type { JsonObject } from './read-json-object.ts';
import { faultOfIssues, invalidField } from './request-fault.ts';
import { defaultRequestLimits } from './request-limits.ts';
import type { RequestLimits } from './request-limits.ts';
import { sortFields } from './sort-fields.ts';
import { isUsualChat } from './usual-chat.ts';

export interface ChatRequest extends GenerationRequest {
  readonly kind: 'chat';
  readonly hasTools: boolean;
  readonly responseFormat: 'text' | 'json_object' | 'json_schema';
  /** Characters (UTF-16 units) of all that the prompt is made of: texts, tool calls, tool definitions, the schema. */
  readonly messageCharacters: number;
  readonly media: readonly MediaPart[];
  /** Whether the last message is the assistant's: then its text is continued, where the endpoint does that. */
  readonly endsWithAssistant: boolean;
}

const NAME_CHARACTERS = 64;
const METADATA_PAIRS = 16;
const METADATA_CHARACTERS = 512;
const FUNCTIONS = 128;
/** Longer ones mostly hold calls of tools, which would be noticed only after much was read in vain. */
const mostUsualBytes = 16_384;

// Values of these lists come and go faster than gateways are updated, so only the endpoint judges them.
const choice = z.string().max(NAME_CHARACTERS).nullish();
const anObject = z.object({}).nullish();
const flag = z.boolean().nullish();
const name = z.string().min(1).max(NAME_CHARACTERS);
const described = { name, description: z.string().nullish(), parameters: z.record(z.string(), z.unknown()).nullish() };

const toolShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('function'), function: z.object({ ...described, strict: flag }) }),
  z.object({ type: z.literal('custom'), custom: z.object({ name, description: z.string().nullish(), format: anObject }) }),
]);

const responseFormatShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ name, description: z.string().nullish(), schema: z.record(z.string(), z.unknown()).nullish(), strict: flag }),
  }),
]);

const publishedShape = {
  audio: anObject,
  function_call: z.union([z.enum(['none', 'auto']), z.object({ name: z.string() })]).nullish(),
  functions: z.array(z.object(described)).max(FUNCTIONS).nullish(),
  logprobs: flag,
  max_completion_tokens: z.int().min(1).nullish(),
  messages: z.array(messageShape).min(1),
  metadata: z.record(z.string().max(NAME_CHARACTERS), z.string().max(METADATA_CHARACTERS)).nullish(),
  modalities: z.array(z.string().max(NAME_CHARACTERS)).max(NAME_CHARACTERS).nullish(),
  moderation: anObject,
  parallel_tool_calls: flag,
  prediction: anObject,
  prompt_cache_key: z.string().nullish(),
  prompt_cache_options: anObject,
  prompt_cache_retention: choice,
  reasoning_effort: choice,
  response_format: responseFormatShape.nullish(),
  safety_identifier: z.string().max(NAME_CHARACTERS).nullish(),
  service_tier: choice,
  store: flag,
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.object({ type: z.string() })]).nullish(),
  tools: z.array(toolShape).nullish(),
  top_logprobs: z.int().min(0).nullish(),
  verbosity: choice,
  web_search_options: anObject,
};

const chatShape = z.object({
  ...generationShape,
  ...publishedShape,
  max_tokens: z.int().min(1).nullish(),
  guided_json: z.unknown().optional(),
  structured_outputs: z.unknown().optional(),
});
type ChatBody = z.infer<typeof chatShape>;

const publishedChatFields: ReadonlySet<string> = new Set([...publishedGenerationFields, ...Object.keys(publishedShape)]);

/**
 * A body of `POST /v1/chat/completions`: scanned, then parsed, then judged. Published fields pass with types and
 * ranges checked; the rest is sorted for the gateway, which knows what the chosen endpoint declares. The faults are
 * those of the client: `invalid_json`, `invalid_request`, `unsupported_parameter`.
 */
export function parseChatRequest(bytes: Uint8Array, limits: RequestLimits = defaultRequestLimits): Result<ChatRequest, Fault> {
  const usual = bytes.length > mostUsualBytes ? undefined : readUsualChat(bytes, limits.scan);
  return usual === undefined ? parseAnyChat(bytes, limits) : judgeUsualChat(bytes, usual, limits);
}

function judgeUsualChat(
  bytes: Uint8Array,
  { scanned, fields, characters, endsWithAssistant }: ReadUsualChat,
  limits: RequestLimits,
): Result<ChatRequest, Fault> {
  const fault = checkGeneration(fields, limits) ?? checkChat(fields, limits);
  if (fault !== undefined) return failure(fault);
  return success({
    ...generationFacts(fields),
    isUsual: true,
    kind: 'chat',
    bytes,
    scanned,
    maxTokens: fields.max_completion_tokens ?? fields.max_tokens,
    logprobs: false,
    hasTools: false,
    responseFormat: 'text',
    messageCharacters: characters,
    media: [],
    endsWithAssistant,
    unknownFields: [],
    extensionFields: [],
  });
}

/** The same for any body, usual or not: the parser's word, which holds where the two could differ. */
export function parseAnyChat(bytes: Uint8Array, limits: RequestLimits): Result<ChatRequest, Fault> {
  const read = readJsonObject(bytes, limits.scan);
  if (!read.ok) return read;
  const { scanned } = read.value;
  const json = withModel(read.value.body);
  const isUsual = isUsualChat(json);
  const judged = isUsual ? success(json) : judgeChatBody(json);
  if (!judged.ok) return judged;
  const body: ChatBody = judged.value;
  const fault = checkGeneration(body, limits) ?? checkChat(body, limits) ?? (isUsual ? undefined : checkSchemas(body, limits));
  if (fault !== undefined) return failure(fault);
  const facts = messageFacts(body.messages);
  const { unknownFields, extensionFields } = sortFields(scanned.members.keys(), publishedChatFields);
  return success({
    ...generationFacts(body),
    isUsual,
    kind: 'chat',
    bytes,
    scanned,
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    logprobs: body.logprobs === true || (body.top_logprobs ?? 0) > 0,
    hasTools: (body.tools ?? body.functions ?? []).length > 0,
    responseFormat: body.response_format?.type ?? 'text',
    messageCharacters: facts.characters + definitionCharacters(body),
    media: facts.media,
    endsWithAssistant: body.messages.at(-1)?.role === 'assistant',
    unknownFields,
    extensionFields: [...extensionFields, ...facts.extensionFields],
  });
}

/** A body by its refused names and the whole schema. */
export function judgeChatBody(json: JsonObject): Result<ChatBody, Fault> {
  const refused = findRefusedField(json);
  if (refused !== undefined) return failure(refused);
  const parsed = chatShape.safeParse(json);
  return parsed.success ? success(parsed.data) : failure(faultOfIssues(parsed.error));
}

function checkChat(body: Partial<ChatBody>, limits: RequestLimits): Fault | undefined {
  const { max_tokens: maxTokens, max_completion_tokens: maxCompletionTokens } = body;
  if ((maxCompletionTokens ?? 0) > limits.maxTokens) {
    return invalidField(['max_completion_tokens'], `it may be at most ${limits.maxTokens}`);
  }
  // Endpoints differ in which of the two they heed, so a reservation by either could be exceeded.
  if (maxTokens != null && maxCompletionTokens != null && maxTokens !== maxCompletionTokens) {
    return invalidField(['max_tokens'], 'it contradicts `max_completion_tokens`');
  }
  if ((body.top_logprobs ?? 0) > limits.logprobs) return invalidField(['top_logprobs'], `it may be at most ${limits.logprobs}`);
  if ((body.tools ?? []).length > limits.tools) return invalidField(['tools'], `at most ${limits.tools} tools can be given`);
  if (Object.keys(body.metadata ?? {}).length > METADATA_PAIRS) {
    return invalidField(['metadata'], `it may have at most ${METADATA_PAIRS} pairs`);
  }
  return undefined;
}

function checkSchemas(body: ChatBody, limits: RequestLimits): Fault | undefined {
  for (const [index, tool] of (body.tools ?? []).entries()) {
    if (tool.type !== 'function') continue;
    const fault = checkJsonSchema(tool.function.parameters, ['tools', index, 'function', 'parameters'], limits);
    if (fault !== undefined) return fault;
  }
  for (const [index, definition] of (body.functions ?? []).entries()) {
    const fault = checkJsonSchema(definition.parameters, ['functions', index, 'parameters'], limits);
    if (fault !== undefined) return fault;
  }
  const format = body.response_format;
  const schema = format?.type === 'json_schema' ? format.json_schema.schema : undefined;
  return (
    checkJsonSchema(schema, ['response_format', 'json_schema', 'schema'], limits) ??
    checkJsonSchema(body.guided_json, ['guided_json'], limits) ??
    checkJsonSchema(body.structured_outputs, ['structured_outputs'], limits)
  );
}

/** Tool definitions and schemas become part of the prompt in every template known to us. */
function definitionCharacters(body: ChatBody): number {
  const definitions = [body.tools, body.functions, body.response_format?.type === 'json_schema' ? body.response_format : undefined];
  return definitions.reduce<number>((total, definition) => total + (definition == null ? 0 : JSON.stringify(definition).length), 0);
}
