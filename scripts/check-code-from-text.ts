/**
 * Security requirements S13 and S39: nothing that runs comes from text. No `eval`, no `Function`, no `node:vm`; modules
 * are imported by fixed names; a program is started by two files alone, which name it and use no shell; no pattern is
 * built from what somebody wrote. Exceptions stand below, each with its reason. Prints one line a breach and exits 1.
 */
import { fileURLToPath } from 'node:url';
import { SyntaxKind, type Node, type SourceFile } from 'typescript/unstable/ast';
import {
  isCallExpression,
  isIdentifier,
  isImportDeclaration,
  isNewExpression,
  isPropertyAssignment,
  isStringLiteral,
} from 'typescript/unstable/ast/is';
import { everyNode, lineOf, withSourceTrees, type SourceTree } from './syntax-trees.ts';

/** By file and what it does: why it may. */
const known: Readonly<Record<string, string>> = {
  'src/engine/load-bindings.ts: import of `@node-llama-cpp/${name}`': 'the name is made of this machine’s platform and processor',
  'src/engine/spawn-engine.ts: node:child_process': 'an engine in a process of its own: our own file, by the running Node',
  'src/compose/processes/gateway-process.ts: node:child_process': 'one of several processes on one port: the same',
};

const forbiddenModules: ReadonlySet<string> = new Set(['vm', 'repl', 'inspector', 'inspector/promises', 'cluster', 'wasi', 'child_process']);
const forbiddenNames: ReadonlySet<string> = new Set(['eval', 'Function']);

const used = new Set<string>();

function whatOf(node: Node, file: SourceFile): string | undefined {
  if (isImportDeclaration(node) && isStringLiteral(node.moduleSpecifier)) {
    const name = node.moduleSpecifier.text;
    // Types alone are nothing that runs.
    if (node.getText(file).startsWith('import type')) return undefined;
    return forbiddenModules.has(name.replace(/^node:/, '')) ? name : undefined;
  }
  if (isPropertyAssignment(node) && node.name.getText(file) === 'shell' && node.initializer.kind !== SyntaxKind.FalseKeyword) return 'a shell';
  if (!isCallExpression(node) && !isNewExpression(node)) return undefined;
  const called = node.expression;
  const [given] = node.arguments ?? [];
  if (called.kind === SyntaxKind.ImportKeyword)
    return given !== undefined && isStringLiteral(given) ? undefined : `import of ${given?.getText(file)}`;
  if (!isIdentifier(called)) return undefined;
  if (forbiddenNames.has(called.text)) return `a call of ${called.text}`;
  if (called.text === 'RegExp' && (given === undefined || !isStringLiteral(given))) return `a pattern from ${given?.getText(file)}`;
  const runsLater = called.text === 'setTimeout' || called.text === 'setInterval';
  return runsLater && given !== undefined && isStringLiteral(given) ? 'code as a string' : undefined;
}

function breachesOf({ path, file }: SourceTree): readonly string[] {
  const found: string[] = [];
  everyNode(file, (node) => {
    const what = whatOf(node, file);
    if (what === undefined) return;
    const name = `${path}: ${what}`;
    if (name in known) used.add(name);
    else found.push(`${path}:${lineOf(file, node)}: ${what}: not without a reason in scripts/check-code-from-text.ts`);
  });
  return found;
}

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const breaches = withSourceTrees(root, 'src/', breachesOf);
for (const line of breaches) console.log(line);
const idle = Object.keys(known).filter((name) => !used.has(name));
for (const name of idle) console.log(`scripts/check-code-from-text.ts: ${name} is listed and not there`);
if (breaches.length + idle.length > 0) process.exitCode = 1;
