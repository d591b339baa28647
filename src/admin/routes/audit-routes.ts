import { z } from 'zod';
import { answered, nothing, rawRoute, readRoute, type ControlRoute } from '../control-route.ts';
import { auditEntrySchema } from '../audit/audit-entry.ts';
import { formatAuditProblem } from '../audit/verify-audit.ts';

const path = '/control/v1/audit';
const digits = z.string().regex(/^\d{1,9}$/, 'a whole number');

const list = readRoute(
  { method: 'GET', path, role: 'admin', summary: 'The newest entries of the audit log first.' },
  {
    query: z.strictObject({
      limit: digits.default('100').describe('How many; at most 1000.'),
      before: digits.optional().describe('Only entries before this number.'),
    }),
    answer: z.strictObject({ entries: z.array(auditEntrySchema).readonly() }),
  },
  async ({ audit }, _call, { limit, before }) =>
    answered({ entries: await audit.list(Math.min(1000, Number(limit)), before === undefined ? undefined : Number(before)) }),
);

const verify = readRoute(
  { method: 'GET', path: `${path}/verify`, role: 'admin', summary: 'Reads the whole audit log and says whether it is what was written.' },
  {
    query: nothing,
    answer: z.strictObject({
      intact: z.boolean(),
      entries: z.number(),
      head: z.strictObject({ seq: z.number(), hash: z.string() }).readonly().nullable(),
      problems: z.array(z.string()),
    }),
  },
  async ({ audit }) => {
    const { entries, head, problems } = await audit.verify();
    return answered({ intact: problems.length === 0, entries, head: head ?? null, problems: problems.map(formatAuditProblem) });
  },
);

const exported = rawRoute(
  { method: 'GET', path: `${path}/export`, role: 'admin', summary: 'The audit log as it stands, one JSON object a line.' },
  'application/x-ndjson',
  async ({ audit }, _request, response, { actor }) => {
    await audit.append({ actor, action: 'audit.export', target: 'audit log' });
    response.begin(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    for await (const line of audit.lines()) {
      if (response.isOver) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      response.onDrain(resolve);
      if (!response.write(Buffer.from(`${line}\n`))) await Promise.race([promise, new Promise<void>((over) => response.onOver(over))]);
    }
    response.end();
  },
);

export const auditRoutes: readonly ControlRoute[] = [list, verify, exported];
