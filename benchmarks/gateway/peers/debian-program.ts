import { runTool } from '../../../scripts/verify-engines/run-tool.ts';
import { failure, success, type Result } from '../../../src/std/result.ts';

const installTimeoutMs = 300_000;

/** The version of a program that Debian packages, installed where this runs as root and it is missing. */
export async function debianProgram(program: string, packageName: string, versionArgs: readonly string[]): Promise<Result<string, string>> {
  const limits = { cwd: '/', timeoutMs: installTimeoutMs };
  const found = await runTool(program, versionArgs, limits);
  if (found.ok) return success(firstLine(found.value));
  const line = `apt-get install -y ${packageName}`;
  if (process.getuid?.() !== 0) return failure(`${program} is not installed; as root: ${line}`);
  const installed = await runTool('apt-get', ['install', '-y', packageName], { ...limits, env: { DEBIAN_FRONTEND: 'noninteractive' } });
  if (!installed.ok) return failure(`${program} could not be installed (${installed.failure}); try: apt-get update && ${line}`);
  const version = await runTool(program, versionArgs, limits);
  return version.ok ? success(firstLine(version.value)) : version;
}

function firstLine(text: string): string {
  return text.trim().split(/\n| - /)[0] ?? '';
}
