import { z } from 'zod';
import { answered, changeRoute, nothing, rawRoute, readRoute, type ControlRoute } from '../control-route.ts';
import { changedSchema, changeOutcome, etagOf, expectedVersion } from './config-answers.ts';
import { sendFault } from '../../gateway/respond.ts';

const path = '/control/v1/config';
const name = z
  .string()
  .min(1)
  .max(1024)
  .describe('A part of the file: keys from the top, percent-encoded and joined by `/`; an item of a list by its id.');
const entrySchema = z.strictObject({
  name,
  value: z.json().optional().describe('Absent where the entry takes the part out.'),
  given: z.unknown().describe('What the file says there now; null where it says nothing.'),
  fileChanged: z.boolean().describe('Whether the file says something else there than when the entry was made.'),
  base: z.string().nullable(),
  atWallMs: z.number(),
  by: z.string(),
});

const show = readRoute(
  { method: 'GET', path, role: 'viewer', summary: 'The configuration that is in use, as it would stand in a file. Secrets are only named.' },
  { query: nothing, answer: z.strictObject({ version: z.number(), config: z.unknown() }) },
  ({ config }) => answered({ version: config.version, config: config.whole }, { etag: etagOf(config.version) }),
);

const overlay = readRoute(
  { method: 'GET', path: `${path}/overlay`, role: 'viewer', summary: 'What was changed here, beside what the file says: the difference.' },
  { query: nothing, answer: z.strictObject({ version: z.number(), entries: z.array(entrySchema) }) },
  ({ config }) => answered({ version: config.version, entries: [...config.entries()] }, { etag: etagOf(config.version) }),
);

const change = changeRoute(
  { method: 'POST', path: `${path}/changes`, role: 'admin', summary: 'Changes parts of the configuration, all or none.' },
  {
    body: z.strictObject({
      changes: z
        .array(z.strictObject({ name, value: z.json().optional().describe('Without it, the part is taken out.') }))
        .min(1)
        .max(100),
    }),
    answer: changedSchema,
  },
  async ({ config }, { actor, headers }, { changes }) => changeOutcome(await config.change(actor, changes, expectedVersion(headers))),
);

const reset = changeRoute(
  { method: 'POST', path: `${path}/reset`, role: 'admin', summary: 'Drops what was changed here: one entry with all below it, or everything.' },
  { body: z.strictObject({ name: name.optional() }), answer: changedSchema },
  async ({ config }, { actor, headers }, given) => changeOutcome(await config.reset(actor, given.name, expectedVersion(headers))),
);

const reload = changeRoute(
  { method: 'POST', path: `${path}/reload`, role: 'admin', summary: 'Reads the file again. One that is wrong changes nothing.' },
  { body: nothing, answer: changedSchema },
  async ({ config }, { actor }) => changeOutcome(await config.reload(actor)),
);

const exported = rawRoute(
  { method: 'GET', path: `${path}/export`, role: 'admin', summary: 'The file with everything that was changed here written into it.' },
  'application/yaml',
  ({ config }, _request, response) => {
    const text = config.exported();
    if (!text.ok) return sendFault(response, text.failure);
    const headers = { 'content-type': 'application/yaml', 'content-length': String(Buffer.byteLength(text.value)), 'cache-control': 'no-store' };
    response.send(200, headers, text.value);
  },
);

export const configRoutes: readonly ControlRoute[] = [show, overlay, change, reset, reload, exported];
