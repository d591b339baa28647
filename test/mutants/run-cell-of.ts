import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KillingCell } from './mutant.ts';

export interface CellRun {
  readonly passed: number;
  readonly failed: number;
  /** What the runner printed, for a cell that ran no test at all. */
  readonly output: string;
  readonly seconds: number;
}

/** A title as its source has it, as a pattern for the titles that it becomes. */
export function titlePattern(title: string): string {
  return title
    .split(/%[a-z]|\$\w+/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
}

/** Runs only the tests of one cell, in a copy of the project. */
export async function runKillingCell(folder: string, cell: KillingCell): Promise<CellRun> {
  const report = join(folder, 'report.json');
  const args = ['run', cell.file, '-t', titlePattern(cell.test), '--reporter=json', `--outputFile=${report}`, '--bail=1'];
  const began = performance.now();
  const output = await new Promise<string>((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'node_modules/vitest/vitest.mjs'), ...args], {
      cwd: folder,
      env: { ...process.env, ...(cell.cells === undefined ? {} : { CELLS: cell.cells }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString('utf8')));
    child.on('close', () => resolve(text));
  });
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failed: numFailedTests, output, seconds: (performance.now() - began) / 1000 };
}
