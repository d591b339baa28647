import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.mjs';
import { fingerprint } from './fingerprint.mjs';
import { runNpm } from './run-npm.mjs';

/** Fails early and clearly where the folder cannot be written, before npm says the same in a page of text. */
export function requireWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new StartError(`the folder ${folder} cannot be written; make it writable or clone the project elsewhere.`);
  }
}

/**
 * Installs exactly the lockfile's packages, once per lockfile. `forTests` adds the tools that tests need; a folder
 * that had them once keeps them, and serves as well. An installed package has no lockfile: npm did the work already.
 */
export function installDependencies(root, forTests) {
  const lockfile = join(root, 'package-lock.json');
  if (!existsSync(lockfile)) return;
  const stampFile = join(root, 'node_modules', '.second-source-installed');
  const hash = fingerprint(root, ['package.json', 'package-lock.json', 'packages']);
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  const develop = forTests || stamp.endsWith(' develop');
  if (stamp === `${hash} ${develop ? 'develop' : 'run'}`) return;
  requireWritable(root);
  process.stderr.write(`second-source: installing packages from the lockfile${develop ? ' (with the tools for tests)' : ''} …\n`);
  const started = Date.now();
  runNpm(root, ['ci', ...(develop ? [] : ['--omit=dev'])]);
  writeFileSync(stampFile, `${hash} ${develop ? 'develop' : 'run'}`);
  process.stderr.write(`second-source: packages installed in ${((Date.now() - started) / 1000).toFixed(0)} s.\n`);
}
