import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure, success, type Result } from '../../../src/std/result.ts';
import { peerFolder } from './peer-folder.ts';
import { runTool } from '../../../scripts/verify-engines/run-tool.ts';

const limits = { cwd: peerFolder, timeoutMs: 900_000 };

/**
 * A program of a Python package, installed into an environment of its own where it is missing. Gives its path. An
 * override stands for what a package asks for and no registry may have any more.
 */
export async function pythonProgram(program: string, requirement: string, override = ''): Promise<Result<string, string>> {
  const environment = join(peerFolder, requirement.replaceAll(/[^a-z0-9.]+/gi, '-'));
  const path = join(environment, 'bin', program);
  if (existsSync(path)) return success(path);
  console.log(`installing ${requirement} …`);
  mkdirSync(peerFolder, { recursive: true });
  const made = await runTool('python3', ['-m', 'venv', '--clear', environment], limits);
  if (!made.ok) return failure(`it needs python3 with venv (${made.failure})`);
  // pip knows no overrides, uv does.
  const installer = await runTool(join(environment, 'bin/pip'), ['install', '--quiet', 'uv'], limits);
  if (!installer.ok) return installer;
  const overrides = join(environment, 'overrides.txt');
  writeFileSync(overrides, override);
  const args = ['pip', 'install', '--python', join(environment, 'bin/python'), '--override', overrides, requirement];
  const installed = await runTool(join(environment, 'bin/uv'), args, limits);
  return installed.ok ? success(path) : installed;
}
