/** Small rules that keep the house easy to find one's way in. Prints one line a breach and exits 1. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const maxLines = 400;
const written = /^(src|web\/src|test|scripts|bin|benchmarks|models)\/.*\.(ts|tsx|mjs|py)$/;

function breachesOf(path: string): string[] {
  const text = readFileSync(`${root}/${path}`, 'utf8');
  const found: string[] = [];
  const lines = text.split('\n').length - 1;
  if (lines > maxLines && !path.endsWith('.test.ts')) found.push(`${path}: ${lines} lines, at most ${maxLines}: split it by meaning`);
  const stem = basename(path).replace(/(\.test|\.config)?\.\w+$/, '');
  if (!path.endsWith('.py') && !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) found.push(`${path}: the name is not kebab-case`);
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('export * from')) found.push(`${path}:${index + 1}: a barrel hides where things come from`);
    if (/\b(TODO|FIXME)\b/.test(line) && path !== 'scripts/check-tidy.ts') found.push(`${path}:${index + 1}: finish it, or say it in an issue`);
    if (/\b(it|test|describe)\.only\(/.test(line) && path !== 'scripts/check-tidy.ts')
      found.push(`${path}:${index + 1}: a test that runs alone hides all others`);
  }
  return found;
}

const paths = execFileSync('git', ['-C', root, 'ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' }).split('\n');
const breaches = paths.filter((path) => written.test(path) && existsSync(`${root}/${path}`)).flatMap(breachesOf);
for (const line of breaches) console.log(line);
if (breaches.length > 0) process.exitCode = 1;
