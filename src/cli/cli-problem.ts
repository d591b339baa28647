import { exitCodes, type ExitCode } from './exit-codes.ts';

/** Ends a command with one sentence for a person and an exit code for scripts; shown without a stack. */
export class CliProblem extends Error {
  override readonly name = 'CliProblem';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line itself is wrong. */
export function usageProblem(message: string): CliProblem {
  return new CliProblem(message, exitCodes.usage);
}
