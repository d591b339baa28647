import type { DecodeLine, StepFloor, StepModel, StepWork } from './step-model.ts';

/** What steps took somewhere, by the number of sequences in them. */
export interface StepTable {
  /** Ascending numbers of decoding sequences; the first is the least that was seen. */
  readonly sequences: readonly number[];
  /** Milliseconds of a step without prefill, one for each of `sequences`. */
  readonly decodeMs: readonly number[];
  /** What each prefilled token adds. */
  readonly perPrefillTokenMs: number;
  /** What each resident token adds; 0 where the table does not tell it apart. */
  readonly perKvTokenMs: number;
}

/**
 * Steps by a table of what was seen, interpolated: no roofline and no chip stands behind it. Prefill adds to a step
 * instead of hiding under its memory traffic, so a predictor with the roofline's form is wrong here in kind, not only in size.
 */
export class TableStepModel implements StepModel {
  readonly floors: readonly StepFloor[];
  readonly #table: StepTable;

  constructor(table: StepTable) {
    const { sequences, decodeMs } = table;
    if (sequences.length < 2 || sequences.length !== decodeMs.length) throw new RangeError('A step table has two rows or more, each with its time.');
    if (sequences.some((count, row) => row > 0 && count <= (sequences[row - 1] ?? 0))) throw new RangeError('The rows of a step table ascend.');
    this.#table = table;
    this.floors = lowerHull(table);
  }

  stepMs(work: StepWork): number {
    return (
      this.#decodeMs(work.decodeSequences) +
      this.#table.perPrefillTokenMs * work.prefillTokens +
      this.#table.perKvTokenMs * (work.residentKvTokens + work.prefillContextTokens)
    );
  }

  decodeLine(sequences: number, _residentKvTokens: number, line: DecodeLine): void {
    line.baseMs = this.#decodeMs(sequences);
    line.perKvTokenMs = this.#table.perKvTokenMs;
    line.untilKvTokens = Infinity;
  }

  /** Below the first row the first, beyond the last on along the last line of the hull, so that the floors hold. */
  #decodeMs(count: number): number {
    const { sequences, decodeMs } = this.#table;
    const first = sequences[0] ?? 0;
    if (count <= first) return decodeMs[0] ?? 0;
    const last = sequences.at(-1) ?? 0;
    if (count > last) return (decodeMs.at(-1) ?? 0) + (this.floors.at(-1)?.perDecodeTokenMs ?? 0) * (count - last);
    let row = 1;
    while (row < sequences.length - 1 && (sequences[row] ?? 0) < count) row += 1;
    const [x0 = 0, x1 = 1, y0 = 0, y1 = 0] = [sequences[row - 1], sequences[row], decodeMs[row - 1], decodeMs[row]];
    return y0 + ((count - x0) * (y1 - y0)) / (x1 - x0);
  }
}

/** The lines under all rows, from the left: each is a floor of every step. */
function lowerHull({ sequences, decodeMs, perPrefillTokenMs, perKvTokenMs }: StepTable): readonly StepFloor[] {
  // A step with fewer sequences than the first row takes the first row's time, so the hull begins at none.
  const points = [[0, decodeMs[0] ?? 0], ...sequences.map((count, row) => [count, decodeMs[row] ?? 0])];
  const hull: number[][] = [];
  for (const point of points) {
    while (hull.length > 1 && slope(hull.at(-2), hull.at(-1)) >= slope(hull.at(-1), point)) hull.pop();
    hull.push(point);
  }
  return hull.slice(1).map((point, index) => {
    const rise = slope(hull[index], point);
    const [x = 0, y = 0] = point;
    return { perStepMs: y - rise * x, perPrefillTokenMs, perPrefillPairMs: 0, perDecodeTokenMs: rise, perKvTokenMs };
  });
}

function slope([x0 = 0, y0 = 0]: readonly number[] = [], [x1 = 0, y1 = 0]: readonly number[] = []): number {
  return x1 === x0 ? 0 : (y1 - y0) / (x1 - x0);
}
