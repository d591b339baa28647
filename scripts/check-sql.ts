/**
 * Security requirement S4: no SQL is put together from text that a request could reach. What stands between `${…}` in a
 * statement must be a number or one of some words that the compiler knows; values go in as parameters. Parts of our own
 * whose type says too little are listed below with the reason. Prints one line a breach and exits 1.
 */
import { fileURLToPath } from 'node:url';
import { SyntaxKind, type Node } from 'typescript/unstable/ast';
import {
  isCallExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isStringLiteral,
  isTemplateExpression,
  isVariableStatement,
} from 'typescript/unstable/ast/is';
import { TypeFlags, type Type } from 'typescript/unstable/sync';
import { everyNode, lineOf, withSourceTrees, type SourceTree } from './syntax-trees.ts';

/** By file and expression: why it is safe. */
const known: Readonly<Record<string, string>> = {
  'src/ledger/insert-rows.ts: table': 'our own callers name one of three tables',
  "src/ledger/insert-rows.ts: Array.from({ length: rows }, () => one).join(', ')": 'question marks alone',
  "src/ledger/ledger-database.ts: schemaChanges.get(version) ?? ''": 'the change of schema that follows a version, all of them ours',
  'src/ledger/keep-rows.ts: sql': 'the statements are written out where it is called',
  'src/ledger/read-spent.ts: isCharged': 'outcomes of ours, as a list of literals',
  'src/ledger/read-spent.ts: byKey': 'sums of ours over the same',
  'src/ledger/read-spent.ts: byMark': 'sums of ours over the same',
  "src/ledger/read-page.ts: columns.map(({ sql }) => sql).join(', ')": 'columns of ours, by what is listed',
  'src/ledger/read-page.ts: time': 'a column of ours',
  'src/ledger/read-page.ts: id': 'a column of ours',
  'src/ledger/read-page.ts: table': 'a table of ours',
  'src/ledger/read-page.ts: begins': 'a comparison of ours with parameters',
  'src/ledger/read-usage.ts: ofAttempt': 'an expression of ours, looked up by the grouping',
  'src/ledger/read-usage.ts: key': 'an expression of ours, looked up by the grouping',
  'src/ledger/read-usage.ts: settledAt': 'a column of ours, with a sign or without',
  'src/ledger/read-usage.ts: openedAt': 'a column of ours, with a sign or without',
  'src/ledger/read-usage.ts: also': 'a condition of ours or nothing',
  'src/ledger/read-usage.ts: inWindow': 'a clause of ours with two parameters',
};

const statement =
  /\b(?:SELECT|INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM|PRAGMA|CREATE\s+(?:TABLE|INDEX|VIEW|TEMP)|DROP|ALTER|ATTACH|WHERE|FROM|VACUUM)\s/;

interface Breach {
  readonly where: string;
  readonly what: string;
}

const used = new Set<string>();

/** Whether all that a value of this type can be is known when it is compiled: words of ours, or numbers. */
function isClosed(type: Type | undefined): boolean {
  if (type === undefined) return false;
  if (type.isUnionType()) return type.getTypes().every(isClosed);
  return (type.flags & (TypeFlags.StringLiteral | TypeFlags.NumberLiteral | TypeFlags.Number)) !== 0;
}

/** The constants of a module: a name for text of ours is as good as the text. */
function constantsOf({ file }: SourceTree): ReadonlyMap<string, Node> {
  const constants = new Map<string, Node>();
  for (const statementNode of file.statements) {
    if (!isVariableStatement(statementNode)) continue;
    for (const { name, initializer } of statementNode.declarationList.declarations)
      if (isIdentifier(name) && initializer !== undefined) constants.set(name.text, initializer);
  }
  return constants;
}

function breachesOf(tree: SourceTree): readonly Breach[] {
  const { path, file, checker } = tree;
  const found: Breach[] = [];
  const constants = constantsOf(tree);
  const isOurs = (node: Node): boolean => {
    if (isClosed(checker.getTypeAtLocation(node))) return true;
    const constant = isIdentifier(node) ? constants.get(node.text) : undefined;
    if (constant !== undefined && isTemplateExpression(constant)) return constant.templateSpans.every(({ expression }) => isOurs(expression));
    return false;
  };
  const judge = (node: Node, how: string): void => {
    const text = node.getText(file);
    if (isOurs(node)) return;
    const name = `${path}: ${text}`;
    if (name in known) return void used.add(name);
    found.push({
      where: `${path}:${lineOf(file, node)}`,
      what: `${how} \`${text}\`: give its value as a parameter, or list it in scripts/check-sql.ts`,
    });
  };
  everyNode(file, (node) => {
    if (isTemplateExpression(node) && statement.test(node.getText(file).replaceAll(/\$\{[^}]*\}/g, '')))
      for (const span of node.templateSpans) judge(span.expression, 'SQL with');
    if (node.kind === SyntaxKind.BinaryExpression && node.getText(file).includes('+')) {
      const parts: Node[] = [];
      node.forEachChild((child) => void parts.push(child));
      if (parts.some((part) => isStringLiteral(part) && statement.test(part.text))) judge(node, 'SQL put together by');
    }
    if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return;
    const method = node.expression.name.text;
    const holder = checker.getTypeAtLocation(node.expression.expression);
    if ((method !== 'prepare' && method !== 'exec') || holder === undefined || !checker.typeToString(holder).includes('Database')) return;
    const [given] = node.arguments;
    if (given !== undefined && !isTemplateExpression(given)) judge(given, 'a statement from');
  });
  return found;
}

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const breaches = withSourceTrees(root, 'src/', breachesOf);
for (const { where, what } of breaches) console.log(`${where}: ${what}`);
const idle = Object.keys(known).filter((name) => !used.has(name));
for (const name of idle) console.log(`scripts/check-sql.ts: ${name} is listed and not there`);
if (breaches.length + idle.length > 0) process.exitCode = 1;
