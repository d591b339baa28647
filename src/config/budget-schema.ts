import { z } from 'zod';
import { mostBudgetUsd } from '../budget/nano-usd.ts';
import { identifier, wholeNumber } from './schema-parts.ts';

const usd = z.number().min(0).max(mostBudgetUsd);
const tokens = wholeNumber(0, 1_000_000_000_000_000);
const perMinute = wholeNumber(0, 1_000_000_000_000);

const limitShape = {
  usdPerDay: usd.optional().describe('US dollars that may be charged in a day. Default: no limit.'),
  usdPerMonth: usd.optional().describe('US dollars that may be charged in a month. Default: no limit.'),
  tokensPerDay: tokens.optional().describe('Tokens, of prompts and answers together, in a day. Default: no limit.'),
  tokensPerMonth: tokens.optional().describe('Tokens in a month. Default: no limit.'),
  requestsPerMinute: perMinute.optional().describe('Requests within any minute. Default: no limit.'),
  tokensPerMinute: perMinute
    .optional()
    .describe('Tokens within any minute, as they were reserved and, once a request has ended, as they were used. Default: no limit.'),
  concurrentRequests: wholeNumber(0, 1_000_000).optional().describe('Requests at once. Default: no limit.'),
};

const limitsSchema = z.strictObject(limitShape);

export const budgetsSchema = z.strictObject({
  timeZone: z
    .string()
    .min(1)
    .max(64)
    .default('UTC')
    .describe('Where days and months begin: an IANA name such as `Europe/Berlin`, whose summer time is heeded.'),
  whole: limitsSchema.prefault({}).describe('What all together may use.'),
  eachTeam: limitsSchema.prefault({}).describe('What each team may use, where `teams` says nothing else of it.'),
  eachKey: limitsSchema.prefault({}).describe('What each key may use, where `keys` says nothing else of it.'),
  teams: z
    .array(z.strictObject({ team: identifier.describe('Id of the team.'), ...limitShape }))
    .max(10_000)
    .default([])
    .describe('What a certain team may use.'),
  keys: z
    .array(z.strictObject({ key: identifier.describe('Id of the key, not the key itself.'), ...limitShape }))
    .max(100_000)
    .default([])
    .describe('What a certain key may use.'),
  answerTokens: wholeNumber(1, 1_000_000)
    .default(8192)
    .describe(
      'How long an answer may be whose request does not say so (`max_tokens`), where a budget applies: so many tokens are reserved, and the endpoint is told.',
    ),
  mediaTokens: wholeNumber(1, 1_000_000)
    .default(50_000)
    .describe('Tokens that an image, a sound or a file in a prompt is taken to cost at most, where a budget applies.'),
});
