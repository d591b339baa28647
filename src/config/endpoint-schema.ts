import { z } from 'zod';
import { discoverSchema, endpointKeySchema, endpointReachShape } from './reach-schema.ts';
import { allProfiles } from '../protocol/profiles/profile-named.ts';
import { hourlyPrice, priceSchema } from './price-schema.ts';
import { retentions } from '../fleet/endpoint.ts';
import { identifier, quantization, secretReference, wholeNumber, word } from './schema-parts.ts';

const siliconSchema = z.strictObject({
  vendor: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'the vendor’s name in lower case, such as `nvidia`, `amd` or `groq`')
    .describe('The company whose silicon computes the tokens, in lower case: `nvidia`, `amd`, `groq`, …'),
  chip: word.describe('The chip’s name.'),
});

const modelSchema = z.strictObject({
  name: z.string().min(1).max(256).describe('The name that clients ask for. The same name on several endpoints makes them stand in for each other.'),
  upstream: z.string().min(1).max(256).optional().describe('The name that the endpoint itself uses. Default: the same.'),
  weights: word.optional().describe('Identifies the exact weights and tokenizer, for instance `sha256:…`. Needed for token-exact continuation.'),
  engineBuild: word.optional().describe('Identifies engine and build. Needed for token-exact continuation.'),
  contextTokens: wholeNumber(1, 1_000_000_000).optional().describe('Largest prompt and answer together.'),
  quantization: quantization.optional().describe('Of its weights, for requests that ask for certain ones (`provider.quantizations`).'),
  published: z
    .strictObject({
      ttftMs: z.number().min(0.01).max(3_600_000).optional().describe('Time to the first token of a short prompt.'),
      promptTokensPerSecond: z.number().min(0.1).max(100_000_000).optional().describe('Prompt tokens that it reads in a second.'),
      tokensPerSecond: z.number().min(0.1).max(10_000_000).optional().describe('Tokens that one answer gets in a second.'),
    })
    .optional()
    .describe('Its speed as its vendor publishes it: what it is taken to do until its own traffic is known.'),
  size: z
    .strictObject({
      parametersB: z.number().min(0.001).max(100_000).describe('Parameters in billions.'),
      activeParametersB: z
        .number()
        .min(0.001)
        .max(100_000)
        .optional()
        .describe('Those that one token passes through, for a mixture of experts. Default: all.'),
      kvBytesPerToken: wholeNumber(1, 100_000_000).optional().describe('Keys and values of one token over all layers. Default: unknown.'),
      chips: wholeNumber(1, 10_000).default(1).describe('How many chips hold it together.'),
    })
    .optional()
    .describe('How large it is: on a known chip, its speed until its own traffic is known is that of the chip’s roofline, if `published` says none.'),
  price: priceSchema
    .optional()
    .describe('What its tokens cost you. Default: the endpoint’s `price`, else what `prices` says. Without any the cost is unknown, not zero.'),
});

export const endpointSchema = z.strictObject({
  id: identifier.describe('Name of the endpoint, unique in this file.'),
  url: z
    .string()
    .min(1)
    .max(2048)
    .describe(
      'Its base URL, with or without `/v1` at the end. Plain `http://` only to this machine, to private addresses, or with `allowPrivate: true`.',
    ),
  key: secretReference.optional().describe('The key to send as `Authorization: Bearer KEY`, as `env:NAME` or `file:PATH`.'),
  keys: z
    .array(endpointKeySchema)
    .min(1)
    .max(100)
    .optional()
    .describe('Several keys instead of `key`: each with its own limits, and a refused one is set aside while another works.'),
  ...endpointReachShape,
  discover: discoverSchema
    .optional()
    .describe('Where its replicas are found, each of which becomes an endpoint `ID-…` of its own; `url` gives scheme, port and path.'),
  dialect: z.enum(['openai', 'anthropic', 'gemini']).optional().describe('The protocol that it speaks. Default: that of its profile.'),
  profile: z
    .enum(allProfiles.map(({ name }) => name))
    .optional()
    .describe(
      'How it differs from the protocol as published: `docs/dialects.md` lists them. Default: known for a few hosts, else `openai-compatible`. Keys below that are given stand before the profile’s.',
    ),
  apiVersion: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,32}$/, 'a version such as `2024-10-21`')
    .optional()
    .describe('Azure alone: the dated version of its older API, which names the deployment in the path. Default: the route `/openai/v1`.'),
  silicon: siliconSchema
    .optional()
    .describe(
      'Whose chip computes the tokens (evidence `declared`). Default: inferred for a few known hosts, else unknown, which counts against every cap.',
    ),
  processor: word.optional().describe('The company that sees the prompts. Default: known for a few hosts, else the host’s name.'),
  region: word.optional().describe('Where it computes, for the approvals of teams (`eu-west`).'),
  retention: z
    .enum(retentions)
    .optional()
    .describe(
      'What its processor keeps of a prompt after the answer, for the approvals of teams: nothing, for 30 days at most, longer, or for training.',
    ),
  failureDomains: z
    .array(word)
    .max(32)
    .default([])
    .describe('What it shares with others (host, rack, region, cloud): endpoints with a name in common are lost together.'),
  tokenIds: z
    .boolean()
    .optional()
    .describe('Whether it takes prompts as token ids and gives the ids of its output (`return_token_ids`). Default: the profile’s.'),
  prefill: z
    .strictObject({
      form: z
        .enum(['continue-final-message', 'trailing-assistant', 'prefix-flag'])
        .describe(
          'By `continue_final_message` and `add_generation_prompt: false` (vLLM), by a last message of the assistant’s alone (llama.cpp’s server), or by `prefix: true` on it (DeepSeek, Mistral).',
        ),
      repeats: z.boolean().default(false).describe('Whether its answer begins with the given text once more (llama.cpp’s server).'),
    })
    .optional()
    .describe(
      'How it continues an assistant’s message that was begun. Without it, only token ids can continue an answer there. Default: the profile’s.',
    ),
  billsAbandoned: z
    .boolean()
    .default(false)
    .describe('Whether it computes and bills an abandoned request to its end all the same: then its usage is waited for, a minute at most.'),
  extensions: z.array(word).max(64).optional().describe('Request fields beyond the published API that it understands. Default: the profile’s.'),
  gauges: z
    .union([z.literal(false), z.string().min(1).max(2048)])
    .optional()
    .describe(
      'Where its engine tells its own gauges in Prometheus’ format: a path on its host, such as `/metrics`, or a URL of the same scheme; `false`: nowhere. Default: the profile’s.',
    ),
  passUnknownFields: z.boolean().default(false).describe('Whether request fields that nobody declared are passed on to it.'),
  allowPrivate: z
    .boolean()
    .optional()
    .describe('Whether its host may resolve to a loopback or private address. Default: true where `url` itself names one, else false.'),
  price: priceSchema.optional().describe('What tokens cost there, for models that give no price of their own.'),
  usdPerHour: hourlyPrice
    .optional()
    .describe('What it costs an hour, used or not, where it is yours. It is shown, and no part of what a request is charged: `price` is that.'),
  capacityTokensPerSecond: z
    .number()
    .min(0)
    .max(1e9)
    .optional()
    .describe('What it can serve in all (each of its replicas, where it has some), for N-1. Default: only what it was seen to serve counts.'),
  models: z
    .array(modelSchema)
    .min(1)
    .max(1000)
    .optional()
    .describe('The models to use there. Default: what its `/v1/models` lists, under their own names.'),
});
