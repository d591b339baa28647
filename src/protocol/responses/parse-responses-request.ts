import { failure, success, type Result } from '../../std/result.ts';
import { findRefusedName } from '../find-refused-field.ts';
import { faultOfIssues, invalidField, refusedField } from '../request-fault.ts';
import { itemsToChat, type ChatMessageBody } from './items-to-chat.ts';
import { parseChatRequest, type ChatRequest } from '../parse-chat-request.ts';
import { isJsonObject, readJsonObject } from '../read-json-object.ts';
import { renameField } from '../rename-field.ts';
import { responsesShape, type InputItem, type ResponsesRequest } from './response-shapes.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { RequestLimits } from '../request-limits.ts';

const encoder = new TextEncoder();
const knownItems: ReadonlySet<string> = new Set(['message', 'function_call', 'function_call_output', 'reasoning']);

/** A body of `POST /v1/responses`, as far as it can be judged without what was stored before. */
export function parseResponsesRequest(bytes: Uint8Array, limits: RequestLimits): Result<ResponsesRequest, Fault> {
  const read = readJsonObject(bytes, limits.scan);
  if (!read.ok) return read;
  // What we do not know might be a rule of privacy or of place, and is not to be ignored in silence.
  const unknown = Object.entries(read.value.body).find(([name, value]) => value !== null && !Object.hasOwn(responsesShape.shape, name));
  if (unknown !== undefined) return failure(refusedField([unknown[0]]));
  const refused = findRefusedName(read.value.body);
  if (refused !== undefined) return failure(refused);
  const item = unknownItem(read.value.body['input']);
  if (item !== undefined) return failure(invalidField(['input', item, 'type'], `only ${[...knownItems].join(', ')} can be used here`));
  const parsed = responsesShape.safeParse(read.value.body);
  return parsed.success ? success(parsed.data) : failure(faultOfIssues(parsed.error));
}

/** Items may leave their type out, so the shape alone would say that a role is missing. */
function unknownItem(input: unknown): number | undefined {
  if (!Array.isArray(input)) return undefined;
  const index = input.findIndex((item) => isJsonObject(item) && typeof item['type'] === 'string' && !knownItems.has(item['type']));
  return index < 0 ? undefined : index;
}

export function inputItems({ input }: ResponsesRequest): readonly InputItem[] {
  return typeof input === 'string' ? [{ role: 'user', content: input }] : input;
}

/** The chat request that asks for the same, after what was said before. Instructions are of one request only. */
export function toChatRequest(body: ResponsesRequest, before: readonly ChatMessageBody[], limits: RequestLimits): Result<ChatRequest, Fault> {
  const { instructions } = body;
  const first = instructions == null ? [] : [{ role: 'system', content: instructions }];
  const messages = [...first, ...before, ...itemsToChat(inputItems(body))];
  const parsed = parseChatRequest(
    encoder.encode(JSON.stringify({ model: body.model, messages, ...toolFields(body), ...answerFields(body) })),
    limits,
  );
  return parsed.ok ? parsed : failure(renameField(parsed.failure, clientField));
}

function toolFields({ tools, tool_choice: choice, parallel_tool_calls: parallel }: ResponsesRequest): Readonly<Record<string, unknown>> {
  if (tools == null || tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      type: 'function',
      function: {
        name,
        ...(description == null ? {} : { description }),
        ...(parameters == null ? {} : { parameters }),
        ...(strict == null ? {} : { strict }),
      },
    })),
    ...(choice == null ? {} : { tool_choice: toolChoice(choice) }),
    ...(parallel == null ? {} : { parallel_tool_calls: parallel }),
  };
}

function toolChoice(choice: NonNullable<ResponsesRequest['tool_choice']>): unknown {
  if (typeof choice === 'string') return choice;
  const named = (name: string): object => ({ type: 'function', function: { name } });
  if (choice.type === 'function') return named(choice.name);
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: choice.tools.map(({ name }) => named(name)) } };
}

function answerFields(body: ResponsesRequest): Readonly<Record<string, unknown>> {
  const format = responseFormat(body.text?.format ?? undefined);
  const showsLogprobs = body.include?.includes('message.output_text.logprobs') === true || (body.top_logprobs ?? 0) > 0;
  const given = {
    max_tokens: body.max_output_tokens,
    temperature: body.temperature,
    top_p: body.top_p,
    reasoning_effort: body.reasoning?.effort,
    verbosity: body.text?.verbosity,
    service_tier: body.service_tier,
    user: body.user,
    safety_identifier: body.safety_identifier,
    prompt_cache_key: body.prompt_cache_key,
    prompt_cache_retention: body.prompt_cache_retention,
    models: body.models,
    provider: body.provider,
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)),
    ...(format === undefined ? {} : { response_format: format }),
    ...(showsLogprobs ? { logprobs: true, top_logprobs: body.top_logprobs ?? 0 } : {}),
    // Usage stands in the last event of every streamed response.
    ...(body.stream === true ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
}

type TextFormat = NonNullable<NonNullable<ResponsesRequest['text']>['format']>;

function responseFormat(format: TextFormat | undefined): object | undefined {
  if (format === undefined || format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: 'json_object' };
  const { type, description, strict, ...schema } = format;
  return { type, json_schema: { ...schema, ...(description == null ? {} : { description }), ...(strict == null ? {} : { strict }) } };
}

/** The client's own name for a field of the chat request. */
function clientField(field: string): string {
  return field
    .replace(/^messages\b.*/, 'input')
    .replace(/^(tools\[\d+\])\.function\b/, '$1')
    .replace(/^response_format\.json_schema\b/, 'text.format')
    .replace(/^response_format\b.*/, 'text.format')
    .replace(/^max_tokens$/, 'max_output_tokens')
    .replace(/^reasoning_effort$/, 'reasoning.effort')
    .replace(/^verbosity$/, 'text.verbosity');
}
