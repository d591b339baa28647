import type { LinearProgramme, LinearSolver } from './linear-programme.ts';

const optimal = 7;

/** HiGHS as WebAssembly: the one import of this room that is not pure. Loaded only by who asks for a bound. */
export async function loadHighsSolver(): Promise<LinearSolver> {
  const { default: load }: { readonly default: unknown } = await import('highs');
  if (!isLoader(load)) throw new Error('The package highs has no loader as its default export.');
  const highs = await load();
  return {
    solve: (programme) =>
      highs.withModel(modelOf(programme, highs.constants.objectiveSense.maximize), (model) => {
        model.options.set({ output_flag: false });
        model.run();
        const status = model.getModelStatus();
        if (status !== optimal) throw new Error(`HiGHS ended with status ${status}, not with an optimum.`);
        return { value: model.getObjectiveValue(), x: model.getSolution().colValue };
      }),
  };
}

/** Its types describe the CommonJS build, in which the loader lies one level deeper than in the one that is loaded. */
function isLoader(value: unknown): value is (typeof import('highs'))['default'] {
  return typeof value === 'function';
}

function modelOf<Sense>(
  { gain, most, rows }: LinearProgramme,
  sense: Sense,
): {
  numCols: number;
  numRows: number;
  sense: Sense;
  colCost: Float64Array;
  colLower: Float64Array;
  colUpper: Float64Array;
  rowLower: Float64Array;
  rowUpper: Float64Array;
  matrix: { format: 'csr'; numRows: number; numCols: number; starts: Int32Array; indices: Int32Array; values: Float64Array };
} {
  const starts = new Int32Array(rows.length + 1);
  for (const [index, { columns }] of rows.entries()) starts[index + 1] = (starts[index] ?? 0) + columns.length;
  return {
    numCols: gain.length,
    numRows: rows.length,
    sense,
    colCost: gain,
    colLower: new Float64Array(gain.length),
    colUpper: most,
    rowLower: new Float64Array(rows.length).fill(-Infinity),
    rowUpper: Float64Array.from(rows, ({ limit }) => limit),
    matrix: {
      format: 'csr',
      numRows: rows.length,
      numCols: gain.length,
      starts,
      indices: Int32Array.from(rows.flatMap(({ columns }) => columns)),
      values: Float64Array.from(rows.flatMap(({ values }) => values)),
    },
  };
}
