/** What is wrong with a trace: where, what, and what to do. */
export class TraceProblem extends Error {
  constructor(line: number, what: string, fix: string) {
    super(`line ${line}: ${what} ${fix}`);
    this.name = 'TraceProblem';
  }
}

/** A whole number of tokens out of a file. */
export function tokensOf(text: string | undefined, name: string, line: number): number {
  const value = Number(text);
  if (text === undefined || text === '' || !Number.isInteger(value) || value < 0 || value > 1e9)
    throw new TraceProblem(
      line,
      `${name} is ${text === undefined || text === '' ? 'missing' : `\`${text.slice(0, 40)}\``}.`,
      'It must be a whole number of tokens.',
    );
  return value;
}
