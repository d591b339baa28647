import { existsSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { engineFolder, repository } from './engine-folder.ts';
import { failure, success, type Result } from '../../src/std/result.ts';
import { runTool } from './run-tool.ts';
import type { Installed } from './install-vllm.ts';

const minuteMs = 60_000;
const sources = join(engineFolder, 'llama.cpp');
const program = join(sources, 'build/bin/llama-server');
/** The very sources of our embedded engine's binding, as a git bundle inside the package: no network is needed. */
const bundle = join(repository, 'node_modules/node-llama-cpp/llama/gitRelease.bundle');
const options = ['-DCMAKE_BUILD_TYPE=Release', '-DBUILD_SHARED_LIBS=OFF', '-DLLAMA_CURL=OFF', '-DLLAMA_OPENSSL=OFF', '-DLLAMA_BUILD_TESTS=OFF'];

/** Builds llama.cpp's server (4 to 10 minutes of a small machine, once). */
export async function buildLlamaServer(): Promise<Result<Installed, string>> {
  if (!existsSync(program)) {
    console.log('building llama-server from the sources that node-llama-cpp carries …');
    const built = await build();
    if (!built.ok) return failure(`llama-server cannot be built: ${built.failure}`);
  }
  const said = await runTool(program, ['--version'], { cwd: engineFolder, timeoutMs: minuteMs });
  if (!said.ok) return failure(`llama-server does not run: ${said.failure}`);
  return success({ program, version: /version: (.+)/.exec(said.value)?.[1] ?? 'unknown' });
}

async function build(): Promise<Result<string, string>> {
  if (!existsSync(bundle)) return failure('node-llama-cpp is not installed on this system, and its sources are what is built.');
  if (!existsSync(sources)) {
    const cloned = await runTool('git', ['clone', '--quiet', bundle, sources], { cwd: engineFolder, timeoutMs: 2 * minuteMs });
    if (!cloned.ok) return cloned;
  }
  const configured = await runTool('cmake', ['-B', 'build', ...options], { cwd: sources, timeoutMs: 5 * minuteMs });
  if (!configured.ok) {
    // A half-configured tree would otherwise be taken for a whole one the next time.
    rmSync(join(sources, 'build'), { recursive: true, force: true });
    return failure(`it needs cmake and a C++ compiler (${configured.failure})`);
  }
  const jobs = String(Math.min(cpus().length, 8));
  return runTool('cmake', ['--build', 'build', '--target', 'llama-server', '-j', jobs], { cwd: sources, timeoutMs: 40 * minuteMs });
}
