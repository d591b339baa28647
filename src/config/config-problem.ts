export type KeyPath = readonly (string | number)[];

/** One thing that is wrong with a configuration. It never holds a value from the file, which might be a secret. */
export interface ConfigProblem {
  /** The file as it was named, or the command-line option that gave the value. */
  readonly source: string;
  /** Both from 1; absent where the value does not stand in a file, or the file could not be read. */
  readonly position: { readonly line: number; readonly column: number } | undefined;
  /** The keys that lead to the value; empty for the file as a whole. */
  readonly path: KeyPath;
  /** What is wrong, without a full stop. */
  readonly what: string;
  /** What to do about it, as a sentence. */
  readonly fix: string;
}

/** A key path as people write it: `endpoints[0].models[1].name`. Control characters of a strange key are dropped. */
export function formatKeyPath(path: KeyPath): string {
  const text = path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('');
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, '?');
}

/** One line: `file:line:column: key.path: what is wrong. What to do.` */
export function formatConfigProblem(problem: ConfigProblem): string {
  const { source, position, path, what, fix } = problem;
  const where = position === undefined ? source : `${source}:${position.line}:${position.column}`;
  const key = path.length === 0 ? '' : `${formatKeyPath(path)}: `;
  return `${where}: ${key}${what}. ${fix}`;
}
