/**
 * Security requirement S35, over both lockfiles: few packages, every one pinned by version and hash, none that would run
 * a script when it is installed, no registry's host, and licences that this project may ship with. Prints one line a
 * breach and exits 1.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readLockfile, readManifest, type LockedPackage } from './read-lockfile.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const mostDirect = 10;
const mostRequired = 40;

/** Packages with an install script, which npm is told not to run, and why they work without it. */
const scriptsNotRun: Readonly<Record<string, string>> = {
  'node-llama-cpp': 'its script would compile llama.cpp where no prebuilt binary fits; the binaries are packages of their own',
};
const licences: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'Unlicense',
  'Python-2.0',
  '(AFL-2.1 OR BSD-3-Clause)',
  '(BSD-2-Clause OR MIT OR Apache-2.0)',
  '(MIT OR CC0-1.0)',
]);

function breachesOf(folder: string): string[] {
  const { dependencies, devDependencies, optionalDependencies } = readManifest(`${root}/${folder}`);
  const found: string[] = [];
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
    if (!/^\d+\.\d+\.\d+$/.test(version)) found.push(`package.json: ${name} is "${version}", which is no exact version`);
  const direct = Object.keys(dependencies).length;
  if (direct > mostDirect) found.push(`package.json: ${direct} direct dependencies, at most ${mostDirect}`);
  const packages = readLockfile(`${root}/${folder}`);
  const required = packages.filter(({ use }) => use === 'required').length;
  if (required > mostRequired) found.push(`package-lock.json: ${required} packages are needed to serve, at most ${mostRequired}`);
  return [...found, ...packages.flatMap(packageBreaches)].map((line) => `${folder}/${line}`.replace(/^\.\//, ''));
}

function packageBreaches({ place, name, licence, integrity, resolved, isOwn, use, hasInstallScript }: LockedPackage): string[] {
  const found: string[] = [];
  const say = (what: string): void => void found.push(`package-lock.json: ${place}: ${what}`);
  if (!isOwn && !(integrity ?? '').startsWith('sha512-')) say('has no SHA-512 hash');
  if (resolved?.includes('://') === true) say('names a registry’s host, which belongs to the machine that wrote it');
  if (hasInstallScript && !(name in scriptsNotRun)) say('would run a script when it is installed');
  // What serves must say its licence; tools that never leave this repository may have any of those.
  if (!isOwn && (licence === undefined ? use !== 'development' : !licences.has(licence))) say(`has the licence ${licence ?? '(none said)'}`);
  return found;
}

/** Somebody else's action can change under its name, but not under the hash of its commit (S36). */
function workflowBreaches(): string[] {
  const folder = `${root}/.github/workflows`;
  return readdirSync(folder).flatMap((name) => {
    const used = [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/^\s*-?\s*uses:\s*(\S+)/gm)].map(([, action = '']) => action);
    return used
      .filter((action) => !/@[0-9a-f]{40}$/.test(action))
      .map((action) => `.github/workflows/${name}: ${action} is not pinned by the hash of a commit`);
  });
}

const breaches = [...['.', 'web'].flatMap(breachesOf), ...workflowBreaches()];
if (!readFileSync(`${root}/bin/bootstrap/run-npm.mjs`, 'utf8').includes("'--ignore-scripts'"))
  breaches.push('bin/bootstrap/run-npm.mjs: npm is not told to run no scripts');
for (const line of breaches) console.log(line);
if (breaches.length > 0) process.exitCode = 1;
