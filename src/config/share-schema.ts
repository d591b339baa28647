import { z } from 'zod';
import { identifier, secretReference, wholeNumber, word } from './schema-parts.ts';

const hour = 3_600_000;
const vendorId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'the vendor’s name in lower case, such as `nvidia`, `amd` or `groq`');
const figure = z.number().min(0).max(1e9).optional();

export const vendorSchema = z.strictObject({
  id: vendorId.describe('The vendor’s name as endpoints and caps give it, in lower case.'),
  name: word.optional().describe('Its name for people. Default: the id.'),
  note: z.string().min(1).max(1024).optional().describe('What should be known of it.'),
});

export const controlGroupSchema = z.strictObject({
  name: vendorId.describe('Name of the group; it may be that of its leading vendor.'),
  vendors: z.array(vendorId).min(1).max(64).describe('The vendors whose supply is in one hand. Each belongs to one group at most.'),
});

export const chipSchema = z.strictObject({
  name: word.describe('Name of the chip, as endpoints give it.'),
  vendor: vendorId.describe('Who makes it.'),
  memoryGb: figure.describe('Its memory.'),
  memoryTbPerSecond: figure.describe('Bandwidth of its memory, in 10¹² bytes a second.'),
  bf16Tflops: figure.describe('Dense, in 10¹² operations a second.'),
  fp8Tflops: figure.describe('The same in FP8.'),
  fp4Tflops: figure.describe('The same in FP4.'),
  tdpWatts: figure.describe('What it is built to draw.'),
  source: word.default('the operator').describe('Where these figures come from.'),
  sourceDate: word.default('undated').describe('Of when they are.'),
  note: z.string().min(1).max(1024).optional().describe('What should be known of them.'),
});

export const capSchema = z.strictObject({
  id: identifier.describe('Name of the cap, unique in this list.'),
  vendor: vendorId.optional().describe('The vendor that is capped; or else one of the next three.'),
  controlGroup: vendorId.optional().describe('The control group that is capped.'),
  chip: word.optional().describe('The chip that is capped.'),
  endpoint: identifier.optional().describe('The endpoint that is capped.'),
  mostPercent: z.number().min(0).max(100).describe('The most that it may make of the whole, in each window.'),
  measure: z.enum(['tokens', 'requests', 'usd']).default('tokens').describe('Of what: tokens, requests or money.'),
  kind: z
    .enum(['hard', 'soft'])
    .default('hard')
    .describe('`hard`: no request is sent there that could break it. `soft`: its price rises until enough requests go elsewhere.'),
  windowMs: wholeNumber(1000, 31 * 24 * hour)
    .default(hour)
    .describe('Length of its windows, which follow each other from midnight UTC on.'),
  minimumVolume: z
    .number()
    .min(0)
    .max(1e15)
    .optional()
    .describe(
      'Tokens, requests or US dollars below which a window is not judged; so much times `mostPercent` may go there in each. Default: 100000 tokens, 100 requests, 1 US dollar.',
    ),
  countEmulated: z
    .boolean()
    .default(false)
    .describe('Whether emulated tokens count as those of the chip that they imitate: for trials. Else they count for nobody.'),
});

export const dependenceSchema = z.strictObject({
  lossAfterMs: wholeNumber(0, hour)
    .default(2000)
    .describe('How long all endpoints of a vendor must be out, for some model, before it counts as lost and caps on others yield.'),
  headroomPercent: z.number().min(0).max(100).default(20).describe('What is taken off declared capacities (`capacityTokensPerSecond`).'),
  alertBelowPercent: z
    .number()
    .min(0)
    .max(100)
    .default(80)
    .describe('An event tells when the part of the peak load that the rest could serve without somebody falls below this.'),
  lookEveryMs: wholeNumber(1000, 24 * hour)
    .default(60_000)
    .describe('How often that is looked at.'),
});

export const webhookEvents = [
  'share.near',
  'share.binding',
  'share.yielding',
  'nMinusOne.fell',
  'endpoint',
  'budget',
  'config',
  'key',
  'audit',
] as const;

export const webhookSchema = z.strictObject({
  id: identifier.describe('Name of the webhook, unique in this list.'),
  url: z.string().min(1).max(2048).describe('Where events are sent, each by one POST. `https://`, or `http://` with `allowPrivate: true`.'),
  events: z
    .array(z.enum(webhookEvents))
    .min(1)
    .max(32)
    .default(['share.near', 'share.binding', 'share.yielding', 'nMinusOne.fell'])
    .describe('Which events.'),
  secret: secretReference.describe('What they are signed with (HMAC-SHA256), as `env:NAME` or `file:PATH`.'),
  allowPrivate: z.boolean().default(false).describe('Whether its host may resolve to an address of this machine or of a private network.'),
});
