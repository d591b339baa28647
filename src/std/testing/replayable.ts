import fc from 'fast-check';

/** For tests: parameters of a fuzz whose failure prints the command that replays it. `file` is the test's own. */
export function replayable<Values>(file: string, numRuns: number): fc.Parameters<Values> {
  const seed = process.env['SEED'];
  return {
    numRuns,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    reporter: (run) => {
      if (run.failed) throw new Error(`${fc.defaultReportMessage(run)}\nreplay with: SEED=${run.seed} npm test -- ${file}`);
    },
  };
}
