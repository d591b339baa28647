import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, visit, type Document, type Node, type YAMLError } from 'yaml';
import { failure, success, type Result } from '../std/result.ts';
import type { ConfigProblem, KeyPath } from './config-problem.ts';

export interface ParsedConfigFile {
  /** Plain data; `undefined` for a file without content. Keys without a value are left out, as if absent. */
  readonly value: unknown;
  /** Where a value stands, or, where there is none, the nearest thing around it. `onKey` asks for its key instead. */
  readonly positionOf: (path: KeyPath, onKey?: 'key') => ConfigProblem['position'];
}

/** A hand-written file is smaller by orders; what is larger is another file, or an attack on the parser. */
const largestCharacters = 1024 * 1024;
const deepestLevel = 32;

/** Parses the text of a configuration file and reports everything that is wrong with it as YAML. */
export function parseConfigFile(source: string, text: string): Result<ParsedConfigFile, ConfigProblem[]> {
  const whole = (what: string, fix: string): Result<never, ConfigProblem[]> => failure([{ source, position: undefined, path: [], what, fix }]);
  if (text.length > largestCharacters) return whole('is larger than 1 MiB', 'Give a configuration file.');
  if (nestsTooDeep(text)) return whole('nests brackets deeper than any configuration', 'Give a configuration file.');
  const lines = new LineCounter();
  const positionAt = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, version: '1.2', logLevel: 'silent' });
  const problems: ConfigProblem[] = [];
  for (const document of documents) {
    for (const error of [...document.errors, ...document.warnings])
      problems.push({ source, position: positionAt(error.pos[0]), path: [], ...explainYamlError(error) });
    for (const { offset, ...problem } of findUnwanted(document)) problems.push({ source, position: positionAt(offset), path: [], ...problem });
  }
  const [document, second] = documents;
  if (second !== undefined)
    problems.push({
      source,
      position: positionAt(second.range[0]),
      path: [],
      what: 'a second document (`---`) begins here',
      fix: 'Keep one document in the file.',
    });
  if (problems.length > 0) return failure(distinct(problems));
  if (document === undefined) return success({ value: undefined, positionOf: () => positionAt(0) });
  return success({
    value: withoutEmptyKeys(document.toJS()),
    positionOf: (path, onKey) => positionAt(offsetOf(document.contents, path, onKey === 'key')),
  });
}

/** The parser often reports one slip many times; more than a hundred problems of one file help nobody either. */
function distinct(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const byText = new Map(problems.map((problem) => [`${problem.position?.line}:${problem.position?.column}:${problem.what}`, problem]));
  return [...byText.values()].slice(0, 100);
}

/** The parser recurses, so that deep brackets would exhaust its stack; quoted brackets count too, which is harmless. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (const line of text.split('\n')) {
    for (const character of line) {
      if (character === '[' || character === '{') depth += 1;
      if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
      if (depth > deepestLevel) return true;
    }
    // Block nesting needs an indentation at least as deep as its level; `- - -` nests without one.
    if (/^[ ]{400,}\S/.test(line) || /^\s*(?:[-?] ){32}/.test(line)) return true;
  }
  return false;
}

/** What is valid YAML and yet a mistake here. The parser's own search for repeated keys takes the square of their number. */
function findUnwanted(document: Document.Parsed): ({ readonly offset: number } & Pick<ConfigProblem, 'what' | 'fix'>)[] {
  const found: ({ readonly offset: number } & Pick<ConfigProblem, 'what' | 'fix'>)[] = [];
  const noAnchors = { what: 'anchors and aliases (`&name`, `*name`) are not supported', fix: 'Write the value out.' };
  visit(document, {
    Alias: (_key, node) => {
      found.push({ offset: node.range?.[0] ?? 0, ...noAnchors });
    },
    Node: (_key, node) => {
      if (!isAlias(node) && node.anchor !== undefined) found.push({ offset: node.range?.[0] ?? 0, ...noAnchors });
      if (!isMap(node)) return;
      const names = new Set<string>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (names.has(name))
          found.push({ offset: key.range?.[0] ?? 0, what: 'this key stands twice in the same section', fix: 'Keep one of the two.' });
        names.add(name);
      }
    },
  });
  return found;
}

function explainYamlError(error: YAMLError): Pick<ConfigProblem, 'what' | 'fix'> {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { what: 'a tab is used to indent', fix: 'Indent with spaces.' };
    case 'BAD_INDENT':
      return { what: 'this line’s indentation fits no section above it', fix: 'Align it with the other keys of its section.' };
    case 'MISSING_CHAR':
      return { what: 'a quote, bracket, comma or colon is missing here', fix: 'Close or complete what stands here.' };
    case 'TAG_RESOLVE_FAILED':
      return { what: 'tags (`!name`) are not supported', fix: 'Write the plain value.' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        what: 'a key with a nested block follows another key on the same line',
        fix: 'Put it on a line of its own, or quote a value that contains `: `.',
      };
    case 'MULTILINE_IMPLICIT_KEY':
      return { what: 'a key goes over several lines', fix: 'Write `key: value` on one line; perhaps a colon is missing.' };
    default:
      // The parser's own words may quote the file, so only its code is shown.
      return { what: `this is not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`, fix: 'Correct the syntax here.' };
  }
}

function withoutEmptyKeys(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map((item: unknown) => (item === null ? null : withoutEmptyKeys(item)));
  if (typeof value !== 'object') return value;
  // `fromEntries` defines properties, so that a key named `__proto__` stays an ordinary, unknown key.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, withoutEmptyKeys(entry)]),
  );
}

/** Follows the path as far as the file goes. */
function offsetOf(root: Node | null, path: KeyPath, onKey: boolean): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [index, part] of path.entries()) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) return offset;
      const keyOffset = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
      if (onKey && index === path.length - 1) return keyOffset ?? offset;
      offset = keyOffset ?? offset;
      next = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      next = node.items[part];
    } else return offset;
    if (!isMap(next) && !isSeq(next) && !isScalar(next)) return offset;
    // An empty value has no place of its own: its key is the better pointer.
    if (!(isScalar(next) && next.value === null)) offset = next.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}
