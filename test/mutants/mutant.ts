/** One wrong version of the code, and the test that must notice it. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly MutantEdit[];
  readonly killedBy: KillingCell;
}

export interface MutantEdit {
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface KillingCell {
  readonly file: string;
  /** The test's title as its source has it: what stands for a parameter (`%s`, `$name`) may be anything. */
  readonly test: string;
  /** Where the title stands, if not in the test's own file. */
  readonly titleIn?: string;
  /** For the chaos matrix: a part of the names of the cells to run. */
  readonly cells?: string;
}

const matrixFile = 'test/chaos/chaos-matrix.test.ts';
const matrixTest = 'every fault, streamed and whole, at every place, in every dialect, with others and with none, comes to what the catalogue says';

/** Cells of the chaos matrix. */
export function inMatrix(cells: string): KillingCell {
  return { file: matrixFile, test: matrixTest, cells };
}

export const inSimulation: KillingCell = {
  file: 'test/simulation/whole-path.test.ts',
  test: 'in 100 seeded worlds of 200 requests no token is lost, doubled or mixed up, nothing ends silently, and the ledger equals the bills',
};

/** Applies an edit, or says why it cannot be. */
export function applyEdit(text: string, { file, find, replace }: MutantEdit): string {
  const times = text.split(find).length - 1;
  if (times !== 1) throw new Error(`${file} has ${times} times: ${find}`);
  return text.replace(find, () => replace);
}
