import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineFolder } from '../verify-engines/engine-folder.ts';
import { failure, success, type Result } from '../../src/std/result.ts';
import { runTool } from '../verify-engines/run-tool.ts';

export const sdkVersion = '3.57.0';
const testTools = ['pytest==9.0.3', 'pytest-asyncio==1.4.0', 'rich==14.3.4'];
const minuteMs = 60_000;

export interface InstalledSdk {
  readonly python: string;
  /** The unpacked source distribution, whose `tests/` are run. */
  readonly source: string;
}

/**
 * Installs OpenAI's Python SDK from its source distribution, which alone brings the tests, into `.engines/`. Once
 * there, it is used again.
 */
export async function installSdk(): Promise<Result<InstalledSdk, string>> {
  const folder = join(engineFolder, `openai-python-${sdkVersion}`);
  const source = join(folder, `openai-${sdkVersion}`);
  const python = join(folder, 'venv/bin/python');
  const done = join(folder, 'installed');
  if (existsSync(done)) return success({ python, source });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  console.log(`installing openai ${sdkVersion} for Python, with its tests …`);
  const pip = ['-m', 'pip', '--disable-pip-version-check'];
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['python3', ['-m', 'venv', join(folder, 'venv')]],
    [python, [...pip, 'download', '--quiet', '--no-binary', 'openai', '--no-deps', '--dest', folder, `openai==${sdkVersion}`]],
    ['tar', ['xzf', join(folder, `openai-${sdkVersion}.tar.gz`), '-C', folder]],
    [python, [...pip, 'install', '--quiet', `${source}[aiohttp]`, ...testTools]],
  ];
  for (const [command, args] of steps) {
    const made = await runTool(command, args, { cwd: folder, timeoutMs: 5 * minuteMs });
    if (!made.ok) return failure(made.failure);
  }
  writeFileSync(done, '');
  return success({ python, source });
}
