import type { Arguments } from './parse-arguments.ts';
import type { CliIo } from './cli-io.ts';

export interface OptionSpec {
  /** The name of its value in the help; a flag has none. */
  readonly value?: string;
  readonly repeats?: true;
  readonly summary: string;
}

export interface Command {
  /** The line after `second-source`, such as `doctor URL [options]`. */
  readonly usage: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly mostPositionals: number;
  /** Resolves to the exit code; rejects with a `CliProblem` for what a person can put right. */
  readonly run: (args: Arguments, io: CliIo) => Promise<number>;
}

/** Options of a command that asks as clients do. */
export const gatewayOptions = {
  url: { value: 'URL', summary: 'The gateway (default: SECOND_SOURCE_URL, else http://127.0.0.1:4000).' },
  json: { summary: 'Print JSON on standard output.' },
} as const satisfies Record<string, OptionSpec>;

/** Options of a command that asks the control API. */
export const controlOptions = {
  control: { value: 'URL', summary: 'Its control listener (default: SECOND_SOURCE_CONTROL, else http://127.0.0.1:4001).' },
  json: { summary: 'Print JSON on standard output.' },
} as const satisfies Record<string, OptionSpec>;
