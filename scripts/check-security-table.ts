/**
 * Holds docs/security.md to the tests: every requirement has a row with a state, every test that a row names exists under
 * that very title, every test that bears a requirement's number stands in that requirement's row, and what is said to hold
 * has a proof. Prints one line a breach and exits 1.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const table = 'docs/security.md';
const requirements = 39;
const states = /^(?:holds|partly|open|not applicable)\b/;

interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** Titles such as `S9, S10: …`, as their source has them. */
function testsOf(file: string): readonly NamedTest[] {
  const lines = readFileSync(`${root}/${file}`, 'utf8').split('\n');
  const text = lines.filter((line) => !line.includes('console.log(')).join('\n');
  return [...text.matchAll(/(['`])(S\d+(?:, S\d+)*: (?:(?!\1).)+)\1/g)].map(([, , title = '']) => ({ file, title }));
}

function idsOf(title: string): readonly string[] {
  return title.slice(0, title.indexOf(':')).split(', ');
}

const files = execFileSync('git', ['-C', root, 'ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(`${root}/${file}`));
const tests = files.flatMap(testsOf);
const breaches: string[] = [];
const counted = { holds: 0, partly: 0, open: 0, 'not applicable': 0 };
const rows = new Map<string, string>();

for (const [index, line] of readFileSync(`${root}/${table}`, 'utf8').split('\n').entries()) {
  const [, id = '', , proof = '', state = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  if (!/^S\d+$/.test(id)) continue;
  const where = `${table}:${index + 1}: ${id}`;
  if (rows.has(id)) breaches.push(`${where} has two rows`);
  rows.set(id, line);
  for (const name of ['holds', 'partly', 'open', 'not applicable'] as const) if (state.startsWith(name)) counted[name] += 1;
  if (!states.test(state)) breaches.push(`${where} has no state (holds, partly, open, not applicable)`);
  if (/^(?:partly|open|not applicable)$/.test(state)) breaches.push(`${where} does not say what is missing, or why`);
  const named = [...proof.matchAll(/`([^`]+\.test\.ts)`: ([^<]+)/g)].map(([, file = '', title = '']) => ({ file, title: title.trim() }));
  const scripts = [...proof.matchAll(/`(scripts\/[^`]+\.ts)`/g)].map(([, script = '']) => script);
  for (const { file, title } of named)
    if (!tests.some((test) => test.file === file && test.title.replaceAll('|', '\\|') === title))
      breaches.push(`${where}: no test "${title}" in ${file}`);
  for (const script of scripts) if (!existsSync(`${root}/${script}`)) breaches.push(`${where}: ${script} does not exist`);
  if (state.startsWith('holds') && named.length + scripts.length === 0) breaches.push(`${where} is said to hold and names no proof`);
}

for (let number = 1; number <= requirements; number += 1) if (!rows.has(`S${number}`)) breaches.push(`${table}: S${number} has no row`);
for (const { file, title } of tests)
  for (const id of idsOf(title))
    if (rows.get(id)?.includes(`\`${file}\`: ${title.replaceAll('|', '\\|')}`) !== true)
      breaches.push(`${file}: "${title}" is missing in the row of ${id}`);

const sums = `Of ${requirements} requirements: ${counted.holds} hold, ${counted.partly} partly, ${counted.open} are open.`;
if (!readFileSync(`${root}/${table}`, 'utf8').includes(sums)) breaches.push(`${table}: its beginning should say "${sums}"`);
for (const line of breaches) console.log(line);
if (breaches.length > 0) process.exitCode = 1;
