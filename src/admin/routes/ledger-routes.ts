import { billFormatNames, readBillFormat } from '../../ledger/reconcile/bill-format.ts';
import { CsvProblem } from '../../ledger/reconcile/read-csv.ts';
import { exportContentTypes, exportUsage } from '../../ledger/export/export-usage.ts';
import { rawRoute, type ControlRoute } from '../control-route.ts';
import { readExportRequest } from '../../ledger/export/read-export-request.ts';
import { reconcileBill, type ReconcileOptions } from '../../ledger/reconcile/reconcile-bill.ts';
import { sendFault, sendJson } from '../../gateway/respond.ts';
import { sendParts } from '../send-parts.ts';
import { failure, success, type Result } from '../../std/result.ts';
import type { Fault } from '../../std/error-catalogue.ts';

/** A year of a large vendor's daily lines by key; a longer file is compared month by month. */
const largestBillBytes = 64 * 1024 * 1024;

const noLedger: Fault = { code: 'not_found', detail: 'This gateway keeps no ledger that could be read here.' };

const exported = rawRoute(
  { method: 'GET', path: '/control/v1/usage/export', role: 'operator', summary: 'Charges, attempts or their sums as CSV or Parquet.' },
  'text/csv',
  async ({ ledger, clock, audit }, request, response, { actor }) => {
    if (ledger === undefined) return sendFault(response, noLedger);
    const asked = readExportRequest(queryOf(request.target), clock.wallMs());
    if (!asked.ok) return sendFault(response, { code: 'invalid_request', ...asked.failure });
    const { format } = asked.value;
    await audit.append({ actor, action: 'usage.export', target: format });
    const headers = { 'content-type': exportContentTypes[format], 'content-disposition': `attachment; filename="usage.${format}"` };
    await sendParts(response, headers, exportUsage(await ledger.desk(), asked.value));
  },
);

const reconciled = rawRoute(
  { method: 'POST', path: '/control/v1/ledger/reconcile', role: 'operator', summary: 'Compares a vendor’s bill, sent as CSV, with the ledger.' },
  'application/json',
  async ({ ledger, audit }, request, response, { actor }) => {
    if (ledger === undefined) return sendFault(response, noLedger);
    const options = readReconcileOptions(queryOf(request.target));
    if (!options.ok) return sendFault(response, options.failure, { connection: 'close' });
    const body = await request.readBody(largestBillBytes);
    if (!body.ok)
      return sendFault(
        response,
        body.failure === 'too-large'
          ? { code: 'request_too_large', detail: 'The bill is over 64 MiB: compare it month by month.' }
          : { code: 'bad_http' },
        { connection: 'close' },
      );
    if (options.value.how === 'settle') await audit.append({ actor, action: 'ledger.settle', target: 'unknown attempts' });
    try {
      sendJson(response, 200, JSON.stringify(await reconcileBill(await ledger.desk(), [body.value], options.value)));
    } catch (error) {
      if (!(error instanceof CsvProblem) && !(error instanceof RangeError)) throw error;
      sendFault(response, { code: 'invalid_request', detail: `The bill cannot be read: ${error.message}` });
    }
  },
);

const backedUp = rawRoute(
  { method: 'GET', path: '/control/v1/ledger/backup', role: 'admin', summary: 'A copy of the ledger’s database as it is at this moment.' },
  'application/vnd.sqlite3',
  async ({ ledger, audit }, _request, response, { actor }) => {
    if (ledger === undefined) return sendFault(response, noLedger);
    await audit.append({ actor, action: 'ledger.backup', target: 'ledger' });
    const parts = await ledger.backUp();
    if (parts === undefined) return sendFault(response, { code: 'overloaded', detail: 'Another backup runs.', retryAfterMs: 5000 });
    await sendParts(response, { 'content-type': 'application/vnd.sqlite3' }, parts);
  },
);

function readReconcileOptions(query: URLSearchParams): Result<ReconcileOptions, Fault> {
  const wrong = (param: string, detail: string): Result<never, Fault> => failure({ code: 'invalid_request', param, detail });
  const name = query.get('format');
  if (name === null) return wrong('format', `\`format\` is one of ${billFormatNames.join(', ')}.`);
  const format = readBillFormat(name, query.getAll('column'));
  if (!format.ok) return wrong('format', format.failure);
  const models = new Map<string, string>();
  for (const pair of query.getAll('model')) {
    const at = pair.indexOf('=');
    if (at <= 0 || at === pair.length - 1) return wrong('model', '`model` is THEIRS=OURS.');
    models.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const share = Number(query.get('tolerance') ?? 0);
  const usd = Number(query.get('toleranceUsd') ?? 0.01);
  if (!(share >= 0 && share <= 1)) return wrong('tolerance', '`tolerance` is a share from 0 to 1: 0.01 for one per cent.');
  if (!(usd >= 0 && usd <= 1e9)) return wrong('toleranceUsd', '`toleranceUsd` is an amount from 0.');
  return success({
    format: format.value,
    vendor: query.get('vendor') ?? undefined,
    endpointId: query.get('endpoint') ?? undefined,
    models,
    tolerance: { share, usd },
    how: query.get('settle') === 'true' ? 'settle' : 'look',
  });
}

function queryOf(target: string): URLSearchParams {
  const mark = target.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
}

export const ledgerRoutes: readonly ControlRoute[] = [exported, reconciled, backedUp];
