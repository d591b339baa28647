import { z } from 'zod';
import { modelShape, modelsShape } from '../model-choice.ts';
import { providerShape } from '../provider-choice.ts';

const NAME_CHARACTERS = 64;
const LIST_LENGTH = 10_000;

// An engine on the operator's machine must not be led to `file:` or another scheme of its own (S12).
const mediaUrl = z.string().regex(/^(?:https?:\/\/|data:)/i, 'expected an http, https or data URL');
const cacheControl = z.object({ type: z.string(), ttl: z.string().optional() }).nullish();
const cached = { cache_control: cacheControl };

const textBlock = z.object({ type: z.literal('text'), text: z.string(), ...cached });
const imageBlock = z.object({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.string().regex(/^image\/[a-z.+-]+$/, 'expected an image type'), data: z.string() }),
    z.object({ type: z.literal('url'), url: mediaUrl }),
  ]),
  ...cached,
});
const documentBlock = z.object({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: z.string() }),
    z.object({ type: z.literal('text'), media_type: z.literal('text/plain'), data: z.string() }),
    z.object({ type: z.literal('content'), content: z.union([z.string(), z.array(textBlock)]) }),
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  ...cached,
});
const contentBlock = z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock]);

const toolResultBlock = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(contentBlock)]).nullish(),
  is_error: z.boolean().nullish(),
  ...cached,
});
const userBlock = z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, toolResultBlock]);
const assistantBlock = z.discriminatedUnion('type', [
  textBlock,
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().nullish() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  z.object({
    type: z.literal('tool_use'),
    id: z.string(),
    name: z.string().min(1).max(NAME_CHARACTERS),
    input: z.record(z.string(), z.unknown()),
    ...cached,
  }),
]);

const messageShape = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), content: z.union([z.string(), z.array(userBlock).min(1)]) }),
  z.object({ role: z.literal('assistant'), content: z.union([z.string(), z.array(assistantBlock)]) }),
  z.object({ role: z.literal('system'), content: z.union([z.string(), z.array(textBlock).min(1)]) }),
]);

const toolShape = z.object({
  // What has another type is computed at Anthropic, or known to its models only.
  type: z.literal('custom', 'only tools of the client’s own can be used here').nullish(),
  name: z.string().min(1).max(NAME_CHARACTERS),
  description: z.string().nullish(),
  input_schema: z.record(z.string(), z.unknown()),
  strict: z.boolean().nullish(),
  defer_loading: z.literal(false, 'tools cannot be searched for here').nullish(),
  ...cached,
});

const parallel = { disable_parallel_tool_use: z.boolean().nullish() };
const toolChoiceShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auto'), ...parallel }),
  z.object({ type: z.literal('any'), ...parallel }),
  z.object({ type: z.literal('tool'), name: z.string(), ...parallel }),
  z.object({ type: z.literal('none') }),
]);

const thinkingShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('enabled'), budget_tokens: z.int().min(1), display: z.string().nullish() }),
  z.object({ type: z.literal('adaptive'), display: z.string().nullish() }),
  z.object({ type: z.literal('between_tools') }),
  z.object({ type: z.literal('disabled') }),
]);

const formatShape = z.object({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) });

/** What a request to count has in common with one to answer. */
export const promptShape = {
  model: modelShape,
  messages: z.array(messageShape).min(1).max(LIST_LENGTH),
  system: z.union([z.string(), z.array(textBlock)]).nullish(),
  tools: z.array(toolShape).nullish(),
  tool_choice: toolChoiceShape.nullish(),
  thinking: thinkingShape.nullish(),
  output_config: z.object({ effort: z.string().max(NAME_CHARACTERS).nullish(), format: formatShape.nullish() }).nullish(),
  // A hint of where to cut for a cache; without one nothing changes but the price.
  cache_control: cacheControl,
  speed: z.literal('standard', 'only the standard speed can be asked for').nullish(),
  models: modelsShape,
  provider: providerShape,
};

export const answerShape = {
  max_tokens: z.int().min(1),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
  metadata: z.object({ user_id: z.string().nullish() }).nullish(),
  service_tier: z.enum(['auto', 'standard_only']).nullish(),
};

const requestShape = z.object({ ...promptShape, ...answerShape });

export type MessagesRequest = z.infer<typeof requestShape>;
export type MessagesPrompt = Omit<MessagesRequest, keyof typeof answerShape>;
export type ClientMessage = z.infer<typeof messageShape>;
export type ContentBlock = z.infer<typeof contentBlock>;
export type TextBlock = z.infer<typeof textBlock>;
