import { z } from 'zod';
import { modelShape, modelsShape } from '../model-choice.ts';
import { providerShape } from '../provider-choice.ts';

const NAME_CHARACTERS = 64;
const LIST_LENGTH = 10_000;
const METADATA_PAIRS = 512;

// An engine on the operator's machine must not be led to `file:` or another scheme of its own (S12).
const mediaUrl = z.string().regex(/^(?:https?:\/\/|data:)/i, 'expected an http, https or data URL');
const word = z.string().max(NAME_CHARACTERS).nullish();

const inputPart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input_text'), text: z.string() }),
  z.object({ type: z.literal('input_image'), image_url: mediaUrl, detail: word }),
  z.object({ type: z.literal('input_file'), file_data: z.string(), filename: z.string().nullish() }),
]);
const outputPart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('output_text'), text: z.string() }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
  z.object({ type: z.literal('input_text'), text: z.string() }),
]);
const inputContent = z.union([z.string(), z.array(inputPart).min(1)]);
const textContent = z.union([z.string(), z.array(z.object({ type: z.literal('input_text'), text: z.string() })).min(1)]);

// A message may leave its type out, so this is told by its role.
const messageItem = z.discriminatedUnion('role', [
  z.object({ type: z.literal('message').optional(), role: z.literal('user'), content: inputContent }),
  z.object({ type: z.literal('message').optional(), role: z.literal('system'), content: textContent }),
  z.object({ type: z.literal('message').optional(), role: z.literal('developer'), content: textContent }),
  z.object({ type: z.literal('message').optional(), role: z.literal('assistant'), content: z.union([z.string(), z.array(outputPart)]) }),
]);
const otherItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('function_call'), call_id: z.string(), name: z.string().min(1).max(NAME_CHARACTERS), arguments: z.string() }),
  z.object({ type: z.literal('function_call_output'), call_id: z.string(), output: inputContent }),
  z.object({
    type: z.literal('reasoning'),
    summary: z.array(z.object({ type: z.literal('summary_text'), text: z.string() })).nullish(),
    content: z.array(z.object({ type: z.literal('reasoning_text'), text: z.string() })).nullish(),
    encrypted_content: z.string().nullish(),
  }),
]);
const inputItem = z.union([messageItem, otherItem]);

const toolShape = z.object({
  type: z.literal('function', 'only functions of the client’s own can be used: hosted tools are computed at OpenAI'),
  name: z.string().min(1).max(NAME_CHARACTERS),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});
const namedTool = z.object({ type: z.literal('function'), name: z.string() });
const toolChoiceShape = z.union([
  z.enum(['none', 'auto', 'required']),
  namedTool,
  z.object({ type: z.literal('allowed_tools'), mode: z.enum(['auto', 'required']), tools: z.array(namedTool).min(1) }),
]);

const formatShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string().min(1).max(NAME_CHARACTERS),
    description: z.string().nullish(),
    schema: z.record(z.string(), z.unknown()),
    strict: z.boolean().nullish(),
  }),
]);

const never = (what: string): z.ZodOptional<z.ZodNullable<z.ZodLiteral<false>>> => z.literal(false, what).nullish();

/** Only what has a meaning here or is harmless to leave out: any other field is refused by name. */
export const responsesShape = z.object({
  model: modelShape,
  input: z.union([z.string(), z.array(inputItem).min(1).max(LIST_LENGTH)]),
  instructions: z.string().nullish(),
  previous_response_id: z.string().max(256).nullish(),
  store: z.boolean().nullish(),
  background: never('answers are not made in the background here: send the request without it and wait'),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_obfuscation: z.boolean().nullish() }).nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  max_tool_calls: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.int().min(0).nullish(),
  tools: z.array(toolShape).nullish(),
  tool_choice: toolChoiceShape.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.object({ format: formatShape.nullish(), verbosity: word }).nullish(),
  reasoning: z.object({ effort: word, summary: word, generate_summary: word }).nullish(),
  include: z.array(z.string().max(NAME_CHARACTERS)).max(NAME_CHARACTERS).nullish(),
  truncation: z.literal('disabled', 'no part of a prompt is ever dropped here: send one that fits').nullish(),
  metadata: z.record(z.string().max(NAME_CHARACTERS), z.string().max(METADATA_PAIRS)).nullish(),
  service_tier: word,
  user: z.string().nullish(),
  safety_identifier: z.string().max(NAME_CHARACTERS).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: word,
  models: modelsShape,
  provider: providerShape,
});

export type ResponsesRequest = z.infer<typeof responsesShape>;
export type InputItem = z.infer<typeof inputItem>;
export type InputPart = z.infer<typeof inputPart>;
