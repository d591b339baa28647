import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
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

const longestMs = 120_000;

/** Runs only the tests of one cell, in a copy of the project. */
export async function runKillingCell(folder: string, cell: KillingCell): Promise<CellRun> {
  const report = join(folder, 'report.json');
  const args = ['run', cell.file, '-t', titlePattern(cell.test), '--reporter=json', `--outputFile=${report}`, '--bail=1'];
  const began = performance.now();
  rmSync(report, { force: true });
  let hung = false;
  const output = await new Promise<string>((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'node_modules/vitest/vitest.mjs'), ...args], {
      cwd: folder,
      env: { ...process.env, ...(cell.cells === undefined ? {} : { CELLS: cell.cells }) },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that the runner's workers can be ended with it.
      detached: true,
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString('utf8')));
    // A mutant may run in circles; the cell has then not passed, and is not waited for.
    const timer = setTimeout(() => {
      hung = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, longestMs);
    child.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
  const seconds = (performance.now() - began) / 1000;
  if (hung) return { passed: 0, failed: 1, output, seconds };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failed: numFailedTests, output, seconds };
}
