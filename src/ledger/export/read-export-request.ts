import { failure, success } from '../../std/result.ts';
import type { Result } from '../../std/result.ts';
import { nearestName } from '../../std/nearest-name.ts';
import { readGrouping } from '../read-grouping.ts';
import { readWindow } from '../read-window.ts';
import type { QueryProblem } from '../read-window.ts';
import type { UsageGrouping } from '../ledger.ts';
import type { ExportFormat, ExportRequest } from './export-usage.ts';

const formats: readonly ExportFormat[] = ['csv', 'parquet'];
const mostGroupings = 4;

/** An export as its query asks for it: `format`, `from`, `to`, and `by` (`day,key`) or `rows` (`charges`, `attempts`). */
export function readExportRequest(query: URLSearchParams, nowWallMs: number): Result<ExportRequest, QueryProblem> {
  const given = query.get('format') ?? 'csv';
  const format = formats.find((name) => name === given);
  if (format === undefined) return failure(unknownName('format', given, formats));
  const window = readWindow(query, nowWallMs);
  if (!window.ok) return window;
  const { sinceWallMs = 0, untilWallMs = nowWallMs } = window.value;
  const what = readWhat(query);
  return what.ok ? success({ format, what: what.value, sinceWallMs, untilWallMs }) : what;
}

function readWhat(query: URLSearchParams): Result<ExportRequest['what'], QueryProblem> {
  const by = query.get('by');
  const rows = query.get('rows');
  if (by !== null && rows !== null) return failure({ param: 'by', detail: 'Give `by` for sums or `rows` for single rows, not both.' });
  if (by === null) {
    const listed = rows ?? 'charges';
    return listed === 'charges' || listed === 'attempts'
      ? success({ kind: 'rows', rows: listed })
      : failure(unknownName('rows', listed, ['charges', 'attempts']));
  }
  const groupings: UsageGrouping[] = [];
  for (const name of by.split(',')) {
    const grouping = readGrouping('by', name);
    if (!grouping.ok) return grouping;
    if (!groupings.includes(grouping.value)) groupings.push(grouping.value);
  }
  if (groupings.length > mostGroupings) return failure({ param: 'by', detail: `Give at most ${mostGroupings} groupings in \`by\`.` });
  return success({ kind: 'sums', by: groupings });
}

function unknownName(param: string, given: string, names: readonly string[]): QueryProblem {
  const near = nearestName(given, names);
  return { param, detail: `\`${param}\` is one of ${names.join(', ')}.${near === undefined ? '' : ` Did you mean \`${near}\`?`}` };
}
