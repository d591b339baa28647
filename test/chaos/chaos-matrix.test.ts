import { expect, test } from 'vitest';
import { allFaults } from '../simulation/outside/all-faults.ts';
import { excludedFaults } from './chaos-cell.ts';
import { outcomeKinds, runMatrix } from './run-matrix.ts';

/** The matrix may grow; whoever makes it shrink must say so here. */
const cellsAtLeast = 2649;
/** A few cells only, by a part of their names: CELLS='45 a stall | stream' npm test -- test/chaos/chaos-matrix.test.ts */
const only = process.env['CELLS'];

test('every fault, streamed and whole, at every place, in every dialect, with others and with none, comes to what the catalogue says', async ({
  annotate,
}) => {
  const { cells, wrong, rows } = await runMatrix(only);
  expect(cells).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
  if (only !== undefined) return;
  expect(cells).toBeGreaterThanOrEqual(cellsAtLeast);
  for (const kind of outcomeKinds) {
    const times = rows.reduce((sum, { outcomes }) => sum + outcomes[kind], 0);
    expect(times, kind).toBeGreaterThan(0);
    await annotate(`${times} × ${kind}`);
  }
}, 60_000);

test('each of the 78 faults that an endpoint can show is in the matrix, or stands on the list of those that are not', () => {
  const inMatrix = new Set(allFaults.map(({ number }) => number));
  for (let number = 1; number <= 78; number += 1) expect(inMatrix.has(number) !== excludedFaults.has(number), `fault ${number}`).toBe(true);
});
