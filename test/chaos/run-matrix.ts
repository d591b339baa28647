import { allFaults } from '../simulation/outside/all-faults.ts';
import { excludedFaults, nameOf, nominalCells, whyNot } from './chaos-cell.ts';
import { expectedOutcome, type ExpectedOutcome } from './expected-outcome.ts';
import { runCell } from './run-cell.ts';

export const outcomeKinds = ['passed', 'failed over', 'retried', 'continued', 'honest error', 'refused'] as const;

export interface MatrixRow {
  readonly fault: string;
  readonly outcomes: Record<ExpectedOutcome['kind'], number>;
  wrong: number;
}

export interface MatrixReport {
  readonly nominal: number;
  readonly cells: number;
  readonly rows: readonly MatrixRow[];
  /** How many cells of the nominal product do not exist, by reason. */
  readonly excluded: ReadonlyMap<string, number>;
  /** One line for everything that is otherwise than it must be. */
  readonly wrong: readonly string[];
}

/** Runs every cell that exists, or those whose names hold `only`, and counts what they came to. */
export async function runMatrix(only = ''): Promise<MatrixReport> {
  const rows = new Map(allFaults.map((fault) => [fault, emptyRow(`${fault.number} ${fault.name}`)]));
  const excluded = new Map<string, number>();
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
    const lines = await runCell(cell);
    for (const line of lines) wrong.push(`${nameOf(cell)}: ${line}`);
    if (lines.length > 0) row.wrong += 1;
    else row.outcomes[expectedOutcome(cell).kind] += 1;
  }
  return { nominal, cells, rows: [...rows.values()], excluded, wrong };
}

function emptyRow(fault: string): MatrixRow {
  return { fault, outcomes: { passed: 0, 'failed over': 0, retried: 0, continued: 0, 'honest error': 0, refused: 0 }, wrong: 0 };
}

/** Faults by outcomes, as text. */
export function matrixTable({ rows, cells, nominal, excluded }: MatrixReport): string {
  const heads = [...outcomeKinds, 'WRONG'];
  const width = Math.max(...rows.map(({ fault }) => fault.length)) + 2;
  const line = (name: string, counts: readonly (number | string)[]): string =>
    name.padEnd(width) + counts.map((count, index) => String(count === 0 ? '·' : count).padStart((heads[index]?.length ?? 0) + 2)).join('');
  const countsOf = ({ outcomes, wrong }: MatrixRow): number[] => [...outcomeKinds.map((kind) => outcomes[kind]), wrong];
  const totals = heads.map((_, index) => rows.reduce((sum, row) => sum + (countsOf(row)[index] ?? 0), 0));
  return [
    line('fault', heads),
    ...rows.map((row) => line(row.fault, countsOf(row))),
    line('all', totals),
    `${cells} cells of ${nominal}; the others do not exist:`,
    ...[...excluded].map(([why, times]) => `  ${String(times).padStart(6)}  ${why}`),
    'faults that are looked at elsewhere:',
    ...[...excludedFaults].map(([number, why]) => `  ${String(number).padStart(6)}  ${why}`),
  ].join('\n');
}
