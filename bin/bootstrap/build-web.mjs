import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.mjs';
import { fingerprint } from './fingerprint.mjs';
import { requireWritable } from './install-dependencies.mjs';
import { runNpm } from './run-npm.mjs';

/** Builds the chat page where its sources changed since the last build. */
export function buildWeb(root, node) {
  const web = join(root, 'web');
  if (!existsSync(join(web, 'package-lock.json'))) return;
  const stampFile = join(web, 'dist', '.built');
  const hash = fingerprint(web, ['package.json', 'package-lock.json', 'index.html', 'vite.config.ts', 'tsconfig.json', 'src', 'public']);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return;
  requireWritable(web);
  process.stderr.write('second-source: building the page …\n');
  const installed = join(web, 'node_modules', '.second-source-installed');
  const lock = fingerprint(web, ['package.json', 'package-lock.json']);
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
    runNpm(web, ['ci']);
    writeFileSync(installed, lock);
  }
  const built = spawnSync(node, [join(web, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', web, '--logLevel', 'warn'], {
    cwd: web,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new StartError(`the page could not be built:\n${`${built.stdout ?? ''}${built.stderr ?? ''}`.slice(-2000)}`);
  writeFileSync(stampFile, hash);
}
