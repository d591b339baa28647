import { csvField } from '../../std/csv-field.ts';
import type { Study } from '../study/study.ts';

const columns = [
  'trace',
  'load',
  'policy',
  'seed',
  'evidence',
  'requests',
  'finished',
  'refused',
  'good',
  'goodput',
  'continued',
  'retries',
  'ttftP50Ms',
  'ttftP99Ms',
  'tpotP50Ms',
  'tpotP99Ms',
  'totalMeanMs',
  'preemptions',
  'cachedShare',
  'usd',
] as const;

/** One line a run; empty where nobody knows. */
export function csvReport({ results }: Study): string {
  const lines = results.map((result) => [...columns.map((column) => field(result[column])), field(JSON.stringify(result.parameters))].join(','));
  return `${[[...columns, 'parameters'].join(','), ...lines].join('\r\n')}\r\n`;
}

function field(value: string | number | undefined): string {
  return typeof value === 'string' ? csvField(value) : String(value ?? '');
}
