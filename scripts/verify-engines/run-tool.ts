import { execFile } from 'node:child_process';
import { failure, success, type Result } from '../../src/std/result.ts';

export interface ToolRun {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
}

const outputBytes = 64 * 1024 * 1024;
const lastCharacters = 300;

/** Runs a tool to its end and gives what it printed, or in one line why it failed. */
export function runTool(command: string, args: readonly string[], { cwd, timeoutMs, env }: ToolRun): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const options = { cwd, timeout: timeoutMs, maxBuffer: outputBytes, env: { ...process.env, ...env } };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(success(stdout === '' ? stderr : stdout));
      const said = (stderr || stdout || error.message).trim().replaceAll(/\s+/g, ' ').slice(-lastCharacters);
      resolve(failure(`\`${command} ${args[0] ?? ''}\` failed${error.killed === true ? ` after ${timeoutMs / 1000} s` : ''}: ${said}`));
    });
  });
}
