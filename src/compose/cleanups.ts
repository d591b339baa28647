import { LedgerError } from '../ledger/ledger-error.ts';
import { StartProblem } from './start-problem.ts';

/** What is to be undone of what was built, in the order of building. */
export type Cleanups = (() => Promise<void> | void)[];

/** Runs, and undoes what was built, whatever happened. Resolves to the exit code. */
export async function guarded(say: (message: string) => void, run: (cleanups: Cleanups) => Promise<void>): Promise<number> {
  const cleanups: Cleanups = [];
  try {
    await run(cleanups);
    return 0;
  } catch (error) {
    if (!(error instanceof StartProblem) && !(error instanceof LedgerError)) throw error;
    say(error.message);
    return 1;
  } finally {
    // In the reverse order of building; each must run even where another fails.
    for (const cleanup of cleanups.toReversed()) {
      try {
        await cleanup();
      } catch (error) {
        say(String(error));
      }
    }
  }
}
