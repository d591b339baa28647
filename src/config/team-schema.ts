import { z } from 'zod';
import { apis } from '../access/scopes.ts';
import { retentions } from '../fleet/endpoint.ts';
import { identifier, secretReference, word } from './schema-parts.ts';

const modelPattern = z.string().min(1).max(256);

/** Who a team is and what it may use. What it may spend stands in `budgets`. */
export const teamSchema = z.strictObject({
  id: identifier.describe('Name of the team in ledger, bills and budgets, unique in this file. `local` is the team of `listen.keys`.'),
  name: word.optional().describe('What people call it. Default: its id.'),
  approvals: z
    .strictObject({
      regions: z
        .array(word)
        .min(1)
        .max(100)
        .optional()
        .describe('Regions that may compute its answers, as endpoints declare them; `*` at the end stands for any rest (`eu-*`).'),
      retention: z
        .array(z.enum(retentions))
        .min(1)
        .max(retentions.length)
        .optional()
        .describe('What may become of its prompts after the answer, as endpoints declare it.'),
      processors: z.array(word).min(1).max(1000).optional().describe('Companies that may see its prompts; `self` is an engine of this gateway.'),
    })
    .prefault({})
    .describe(
      'Who may see its prompts, whatever fails: no failover, hedge, continuation or token count goes elsewhere. What an endpoint does not declare is not approved.',
    ),
  scopes: z
    .strictObject({
      models: z.array(modelPattern).min(1).max(1000).optional().describe('Models that it may ask for; `*` at the end stands for any rest.'),
      vendors: z.array(word).min(1).max(100).optional().describe('Vendors whose silicon may compute its answers.'),
      apis: z.array(z.enum(apis)).min(1).max(apis.length).optional().describe('APIs that it may call.'),
    })
    .prefault({})
    .describe('What all its keys may ask for. A key can be narrower, not wider.'),
});

export const keyStoreSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Folder of the keys of teams, relative to this file; replicas may share it. Default: `keys` in the folder of the ledger.'),
  environment: z
    .string()
    .regex(/^[a-z0-9]{1,12}$/, 'at most 12 lower-case letters and digits')
    .default('live')
    .describe('Stands in each new key, so that it shows where it belongs: `ss_live_…`.'),
  pepper: secretReference
    .optional()
    .describe('What keys are kept under, 32 characters or more, as `env:NAME` or `file:PATH`. Default: a file that the first start makes there.'),
  previousPepper: secretReference.optional().describe('The pepper before: keys that were made under it are valid as long as it stands here.'),
});
