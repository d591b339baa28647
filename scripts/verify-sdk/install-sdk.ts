import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineFolder } from '../verify-engines/engine-folder.ts';
import { failure, success, type Result } from '../../src/std/result.ts';
import type { PublishedSdk } from './published-sdks.ts';
import { runTool } from '../verify-engines/run-tool.ts';

const minuteMs = 60_000;

export interface InstalledSdk {
  readonly python: string;
  /** The unpacked source distribution, whose `tests/` are run. */
  readonly source: string;
}

/**
 * Installs a Python SDK from its source distribution, which alone brings the tests, into `.engines/`. Once there, it is
 * used again.
 */
export async function installSdk(sdk: PublishedSdk): Promise<Result<InstalledSdk, string>> {
  const named = `${sdk.package}-${sdk.version}`;
  const folder = join(engineFolder, `${sdk.package}-python-${sdk.version}`);
  const source = join(folder, named);
  const python = join(folder, 'venv/bin/python');
  const done = join(folder, 'installed');
  if (existsSync(done)) return success({ python, source });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  console.log(`installing ${sdk.package} ${sdk.version} for Python, with its tests …`);
  const pip = ['-m', 'pip', '--disable-pip-version-check'];
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['python3', ['-m', 'venv', join(folder, 'venv')]],
    [python, [...pip, 'download', '--quiet', '--no-binary', sdk.package, '--no-deps', '--dest', folder, `${sdk.package}==${sdk.version}`]],
    ['tar', ['xzf', join(folder, `${named}.tar.gz`), '-C', folder]],
    [python, [...pip, 'install', '--quiet', `${source}[${sdk.extras}]`, ...sdk.testTools]],
  ];
  for (const [command, args] of steps) {
    const made = await runTool(command, args, { cwd: folder, timeoutMs: 5 * minuteMs });
    if (!made.ok) return failure(made.failure);
  }
  writeFileSync(done, '');
  return success({ python, source });
}
