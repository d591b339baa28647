import { allFaults } from '../simulation/outside/all-faults.ts';
import { excludedFaults, nameOf, nominalCells, whyNot } from './chaos-cell.ts';
import { expectedOutcome, type ExpectedOutcome } from './expected-outcome.ts';
import { runCell } from './run-cell.ts';
import { sortViolations } from '../simulation/known-gaps.ts';

export const outcomeKinds = ['passed', 'failed over', 'retried', 'continued', 'honest error', 'refused'] as const;

export interface MatrixRow {
  readonly fault: string;
  readonly outcomes: Record<ExpectedOutcome['kind'], number>;
  gaps: number;
  wrong: number;
}

export interface MatrixReport {
  readonly nominal: number;
  readonly cells: number;
  readonly rows: readonly MatrixRow[];
  /** How many cells of the nominal product do not exist, by reason. */
  readonly excluded: ReadonlyMap<string, number>;
  readonly known: ReadonlyMap<string, number>;
  /** One line for everything that is otherwise than it must be and is no known gap. */
  readonly wrong: readonly string[];
}

/** Runs every cell that exists, or those whose names hold `only`, and counts what they came to. */
export async function runMatrix(only = ''): Promise<MatrixReport> {
  const rows = new Map(allFaults.map((fault) => [fault, emptyRow(`${fault.number} ${fault.name}`)]));
  const excluded = new Map<string, number>();
  const known = new Map<string, number>();
  const wrong: string[] = [];
  let nominal = 0;
  let cells = 0;
  for (const cell of nominalCells()) {
    nominal += 1;
    const reason = whyNot(cell);
    if (reason !== undefined) {
      excluded.set(reason, (excluded.get(reason) ?? 0) + 1);
      continue;
    }
    if (!nameOf(cell).includes(only)) continue;
    cells += 1;
    const row = rows.get(cell.fault);
    if (row === undefined) continue;
    const sorted = sortViolations(await runCell(cell));
    for (const [why, times] of sorted.known) known.set(why, (known.get(why) ?? 0) + times);
    for (const line of sorted.news) wrong.push(`${nameOf(cell)}: ${line}`);
    if (sorted.news.length > 0) row.wrong += 1;
    else if (sorted.known.size > 0) row.gaps += 1;
    else row.outcomes[expectedOutcome(cell).kind] += 1;
  }
  return { nominal, cells, rows: [...rows.values()], excluded, known, wrong };
}

function emptyRow(fault: string): MatrixRow {
  return { fault, outcomes: { passed: 0, 'failed over': 0, retried: 0, continued: 0, 'honest error': 0, refused: 0 }, gaps: 0, wrong: 0 };
}

/** Faults by outcomes, as text. */
export function matrixTable({ rows, cells, nominal, excluded, known }: MatrixReport): string {
  const heads = [...outcomeKinds, 'known gap', 'WRONG'];
  const width = Math.max(...rows.map(({ fault }) => fault.length)) + 2;
  const line = (name: string, counts: readonly (number | string)[]): string =>
    name.padEnd(width) + counts.map((count, index) => String(count === 0 ? '·' : count).padStart((heads[index]?.length ?? 0) + 2)).join('');
  const countsOf = ({ outcomes, gaps, wrong }: MatrixRow): number[] => [...outcomeKinds.map((kind) => outcomes[kind]), gaps, wrong];
  const totals = heads.map((_, index) => rows.reduce((sum, row) => sum + (countsOf(row)[index] ?? 0), 0));
  return [
    line('fault', heads),
    ...rows.map((row) => line(row.fault, countsOf(row))),
    line('all', totals),
    `${cells} cells of ${nominal}; the others do not exist:`,
    ...[...excluded].map(([why, times]) => `  ${String(times).padStart(6)}  ${why}`),
    'faults that are looked at elsewhere:',
    ...[...excludedFaults].map(([number, why]) => `  ${String(number).padStart(6)}  ${why}`),
    ...[...known].map(([why, times]) => `known gap, seen ${times} times: ${why}`),
  ].join('\n');
}
