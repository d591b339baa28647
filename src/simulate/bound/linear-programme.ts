/** max `gain` · x, subject to rows · x ≤ limits and 0 ≤ x ≤ `most`. Rows are sparse. */
export interface LinearProgramme {
  readonly gain: Float64Array;
  readonly most: Float64Array;
  readonly rows: readonly { readonly columns: readonly number[]; readonly values: readonly number[]; readonly limit: number }[];
}

export interface Optimum {
  readonly value: number;
  readonly x: Float64Array;
}

/** Whoever solves it. Everything else about the bound is arithmetic. */
export interface LinearSolver {
  readonly solve: (programme: LinearProgramme) => Optimum;
}
