import { z } from 'zod';
import { failure, success, type Result } from '../../std/result.ts';
import { findRefusedName } from '../find-refused-field.ts';
import { faultOfIssues, refusedField } from '../request-fault.ts';
import { parseChatRequest, type ChatRequest } from '../parse-chat-request.ts';
import { readJsonObject } from '../read-json-object.ts';
import { renameField } from '../rename-field.ts';
import { toChatMessages } from './to-chat-messages.ts';
import { answerShape, promptShape, type MessagesPrompt, type MessagesRequest } from './message-shapes.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { RequestLimits } from '../request-limits.ts';

/** Whether an endpoint of the model says that it understands a field beyond chat completions. */
export type Declares = (model: string, field: string) => boolean;

const request = z.object({ ...promptShape, ...answerShape });
const count = z.object(promptShape);
const encoder = new TextEncoder();
/** A tool's arguments, which this API has as an object. */
const toolData: ReadonlySet<string> = new Set(['input']);

/** A body of `POST /v1/messages` as the chat request that asks for the same. */
export function parseMessagesRequest(bytes: Uint8Array, limits: RequestLimits, declares: Declares): Result<ChatRequest, Fault> {
  const read = readShape(bytes, limits, request);
  if (!read.ok) return read;
  const body = read.value;
  return asChat({ ...promptFields(body, declares), ...answerFields(body) }, limits);
}

/** A body of `POST /v1/messages/count_tokens`. */
export function parseCountRequest(bytes: Uint8Array, limits: RequestLimits): Result<ChatRequest, Fault> {
  const read = readShape(bytes, limits, count);
  return read.ok
    ? asChat(
        promptFields(read.value, () => false),
        limits,
      )
    : read;
}

function readShape<Body>(bytes: Uint8Array, limits: RequestLimits, shape: z.ZodObject & z.ZodType<Body>): Result<Body, Fault> {
  const read = readJsonObject(bytes, limits.scan);
  if (!read.ok) return read;
  // What we do not know might be a rule of privacy or of place, and is not to be ignored in silence.
  const unknown = Object.entries(read.value.body).find(([name, value]) => value !== null && !Object.hasOwn(shape.shape, name));
  if (unknown !== undefined) return failure(refusedField([unknown[0]]));
  const refused = findRefusedName(read.value.body, toolData);
  if (refused !== undefined) return failure(refused);
  const parsed = shape.safeParse(read.value.body);
  return parsed.success ? success(parsed.data) : failure(faultOfIssues(parsed.error));
}

function asChat(body: Readonly<Record<string, unknown>>, limits: RequestLimits): Result<ChatRequest, Fault> {
  const parsed = parseChatRequest(encoder.encode(JSON.stringify(body)), limits);
  return parsed.ok ? parsed : failure(renameField(parsed.failure, clientField));
}

function promptFields(body: MessagesPrompt, declares: Declares): Readonly<Record<string, unknown>> {
  const { model, tools, tool_choice: choice, output_config: output, models, provider } = body;
  return {
    model,
    messages: toChatMessages(body),
    ...(tools == null || tools.length === 0 ? {} : { tools: tools.map(chatTool) }),
    ...(choice == null ? {} : toolChoice(choice)),
    ...reasoning(body, declares),
    ...(output?.format == null ? {} : { response_format: responseFormat(output.format.schema) }),
    ...(models == null ? {} : { models }),
    ...(provider == null ? {} : { provider }),
  };
}

function answerFields(body: MessagesRequest): Readonly<Record<string, unknown>> {
  const { temperature, top_p: topP, top_k: topK, stop_sequences: stops, metadata } = body;
  return {
    max_tokens: body.max_tokens,
    ...(temperature == null ? {} : { temperature }),
    ...(topP == null ? {} : { top_p: topP }),
    ...(topK == null ? {} : { top_k: topK }),
    ...(stops == null || stops.length === 0 ? {} : { stop: stops }),
    ...(metadata?.user_id == null ? {} : { user: metadata.user_id }),
    // Usage stands in the last events of every streamed message.
    ...(body.stream === true ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
}

function chatTool(tool: NonNullable<MessagesPrompt['tools']>[number]): Readonly<Record<string, unknown>> {
  const { name, description, input_schema: parameters, strict, cache_control: hint } = tool;
  const made = { name, ...(description == null ? {} : { description }), parameters, ...(strict == null ? {} : { strict }) };
  return { type: 'function', function: made, ...(hint == null ? {} : { cache_control: hint }) };
}

function toolChoice(choice: NonNullable<MessagesPrompt['tool_choice']>): Readonly<Record<string, unknown>> {
  const words = { auto: 'auto', any: 'required', none: 'none' } as const;
  const told = choice.type === 'tool' ? { type: 'function', function: { name: choice.name } } : words[choice.type];
  const single = choice.type !== 'none' && choice.disable_parallel_tool_use === true;
  return { tool_choice: told, ...(single ? { parallel_tool_calls: false } : {}) };
}

/**
 * Thinking goes as it came to endpoints that know it. Elsewhere the published word for it is `reasoning_effort`: what
 * the client asked for stays asked for, and an endpoint that cannot reason may say so.
 */
function reasoning(body: MessagesPrompt, declares: Declares): Readonly<Record<string, unknown>> {
  const { thinking, output_config: output } = body;
  const effort = output?.effort ?? undefined;
  const asked = effort === undefined ? {} : { reasoning_effort: effort };
  if (thinking == null) return asked;
  if (declares(body.model, 'thinking')) return { ...asked, thinking };
  if (thinking.type !== 'enabled' || effort !== undefined) return asked;
  return { reasoning_effort: effortOf(thinking.budget_tokens) };
}

/** Thousands of tokens of thought, as three words: the vendors do not say where one ends and the next begins. */
function effortOf(budgetTokens: number): 'low' | 'medium' | 'high' {
  if (budgetTokens <= 4096) return 'low';
  return budgetTokens <= 16_384 ? 'medium' : 'high';
}

function responseFormat(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } };
}

/** The client's own name for a field of the chat request. */
function clientField(field: string): string {
  return field
    .replace(/^stop\b/, 'stop_sequences')
    .replace(/^(tools\[\d+\])\.function\.parameters\b/, '$1.input_schema')
    .replace(/^(tools\[\d+\])\.function\b/, '$1')
    .replace(/^response_format\.json_schema\.schema\b/, 'output_config.format.schema')
    .replace(/^response_format\b.*/, 'output_config.format')
    .replace(/^reasoning_effort\b/, 'output_config.effort')
    .replace(/^user$/, 'metadata.user_id')
    .replace(/^messages\b.*/, 'messages');
}
