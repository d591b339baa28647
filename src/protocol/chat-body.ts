import { z } from 'zod';

const hints = { cache_control: z.unknown().optional() };
const textPart = z.object({ type: z.literal('text'), text: z.string(), ...hints });
const part = z.discriminatedUnion('type', [
  textPart,
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }), ...hints }),
  z.object({ type: z.literal('file'), file: z.object({ filename: z.string().nullish(), file_data: z.string() }), ...hints }),
]);
const content = z.union([z.string(), z.array(part)]).nullish();
const toolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
  ...hints,
  extra_content: z.object({ google: z.object({ thought_signature: z.string() }).optional() }).optional(),
});

const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content }),
  z.object({ role: z.literal('developer'), content }),
  z.object({ role: z.literal('user'), content }),
  z.object({
    role: z.literal('assistant'),
    content,
    refusal: z.string().nullish(),
    tool_calls: z.array(toolCall).nullish(),
    reasoning_content: z.string().nullish(),
    reasoning_signature: z.string().nullish(),
  }),
  z.object({ role: z.literal('tool'), content, tool_call_id: z.string(), ...hints }),
]);

const schema = z.record(z.string(), z.unknown());

/** A chat request that was parsed and judged before, as far as another dialect can say it. */
export const chatBodySchema = z.object({
  model: z.string(),
  messages: z.array(message),
  max_tokens: z.number().nullish(),
  max_completion_tokens: z.number().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.number().nullish(),
  seed: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  stream: z.boolean().nullish(),
  user: z.string().nullish(),
  thinking: schema.nullish(),
  reasoning_effort: z.string().nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({ name: z.string(), description: z.string().nullish(), parameters: schema.nullish(), strict: z.boolean().nullish() }),
        ...hints,
      }),
    )
    .nullish(),
  tool_choice: z
    .union([z.enum(['none', 'auto', 'required']), z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) })])
    .nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({ type: z.literal('json_schema'), json_schema: z.object({ schema: schema.nullish() }) }),
    ])
    .nullish(),
});

export type ChatBody = z.infer<typeof chatBodySchema>;
export type ChatBodyMessage = ChatBody['messages'][number];
export type ChatBodyPart = z.infer<typeof part>;

/** Why a request cannot be said in another dialect: for the client, so it names the member and nothing of its value. */
export interface Untranslatable {
  readonly path: string;
  readonly what: string;
}

/** The parts of a content, text included. */
export function partsOf(given: ChatBodyMessage['content']): readonly ChatBodyPart[] {
  if (given == null) return [];
  return typeof given === 'string' ? [{ type: 'text', text: given }] : given;
}

export function plainText(given: ChatBodyMessage['content']): string {
  return partsOf(given)
    .map((one) => (one.type === 'text' ? one.text : one.type === 'refusal' ? one.refusal : ''))
    .join('');
}

/** A `data:` URL in base64 as its two halves (RFC 2397); undefined for any other address. */
export function base64Data(url: string): { readonly mediaType: string; readonly data: string } | undefined {
  const found = /^data:([^;,]{1,127})(?:;[^;,]{1,127})*;base64,/i.exec(url);
  return found === null ? undefined : { mediaType: (found[1] ?? '').toLowerCase(), data: url.slice(found[0].length) };
}

/** A call's arguments as the object that they are; none at all are those of a function without parameters. */
export function argumentsObject(text: string): Record<string, unknown> | undefined {
  if (text.trim() === '') return {};
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
