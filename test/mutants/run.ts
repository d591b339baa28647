/**
 * `npm run mutants`: applies one wrong version of the code after another to a copy of it and runs the test that must
 * notice. Exits 1 if any survives, if a test fails without a mutant, or if a mutant no longer fits the code.
 *   --only TEXT   those only whose names hold it
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allMutants } from './all-mutants.ts';
import { applyEdit, type KillingCell, type Mutant } from './mutant.ts';
import { runKillingCell } from './run-cell-of.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = ['src', 'test', 'docs', 'models', 'scripts', 'bin', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function cellName({ file, test, cells }: KillingCell): string {
  return `${file} › ${cells ?? test}`;
}

/** Puts a mutant into the copy; the returned function takes it out again. */
function put(folder: string, { edits }: Mutant): () => void {
  const originals = new Map<string, string>();
  for (const edit of edits) {
    const path = join(folder, edit.file);
    const text = readFileSync(path, 'utf8');
    if (!originals.has(path)) originals.set(path, text);
    writeFileSync(path, applyEdit(text, edit));
  }
  // A mutant that cannot be read would be killed by any test, and prove nothing.
  for (const path of originals.keys()) stripTypeScriptTypes(readFileSync(path, 'utf8'));
  return () => {
    for (const [path, text] of originals) writeFileSync(path, text);
  };
}

async function checkUnharmed(folder: string, mutants: readonly Mutant[]): Promise<number> {
  const cells = new Map(mutants.map(({ killedBy }) => [cellName(killedBy), killedBy]));
  let wrong = 0;
  for (const [name, cell] of cells) {
    const { passed, failed, output } = await runKillingCell(folder, cell);
    if (passed > 0 && failed === 0) continue;
    wrong += 1;
    say(`without any mutant, ${passed} passed and ${failed} failed: ${name}\n${output.slice(-2000)}`);
  }
  return wrong;
}

const mutants = allMutants.filter(({ name }) => name.includes(values.only));
const folder = mkdtempSync(join(tmpdir(), 'second-source-mutants-'));
let survivors = 0;
try {
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  survivors += await checkUnharmed(folder, mutants);
  for (const mutant of mutants) {
    const takeOut = put(folder, mutant);
    const { failed, seconds } = await runKillingCell(folder, mutant.killedBy);
    takeOut();
    if (failed === 0) survivors += 1;
    say(`${failed > 0 ? 'killed  ' : 'SURVIVED'} ${seconds.toFixed(1).padStart(5)} s  ${mutant.name}  ⟵  ${cellName(mutant.killedBy)}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
say(`${mutants.length} mutants, ${survivors} survived or did not fit`);
if (survivors > 0) process.exitCode = 1;
