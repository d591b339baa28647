import { parseArgs } from 'node:util';
import { nearestName } from '../std/nearest-name.ts';
import { usageProblem } from './cli-problem.ts';
import type { Command, OptionSpec } from './command.ts';

export interface GivenOption {
  readonly name: string;
  readonly value: string;
}

/** What was given to a command, checked against what it takes. */
export class Arguments {
  readonly positionals: readonly string[];
  /** The options with a value, in the order in which they were given. */
  readonly given: readonly GivenOption[];
  readonly #flags: ReadonlySet<string>;

  constructor(positionals: readonly string[], given: readonly GivenOption[], flags: ReadonlySet<string>) {
    this.positionals = positionals;
    this.given = given;
    this.#flags = flags;
  }

  flag(name: string): boolean {
    return this.#flags.has(name);
  }

  text(name: string): string | undefined {
    return this.given.find((option) => option.name === name)?.value;
  }

  /** A whole number within bounds, or undefined where the option was not given. */
  wholeNumber(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) throw usageProblem(`--${name} needs a whole number from ${least} to ${most}.`);
    return value;
  }
}

/** Reads the words after a command's name. Throws a `CliProblem` that says what to give instead. */
export function parseArguments(words: readonly string[], command: Pick<Command, 'options' | 'mostPositionals'>): Arguments {
  const known = new Map<string, OptionSpec>([...Object.entries(command.options), ['help', { summary: 'Say how the command is used.' }]]);
  const options = Object.fromEntries(
    [...known].map(([name, { value }]) => [name, { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: true }]),
  );
  const { tokens, positionals } = parseArgs({
    args: [...words],
    options: { ...options, help: { type: 'boolean', short: 'h', multiple: true } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given: GivenOption[] = [];
  const flags = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const spec = known.get(token.name);
    if (spec === undefined) throw usageProblem(unknownOption(token.rawName, known.keys()));
    if (spec.value === undefined) {
      if (token.value !== undefined) throw usageProblem(`--${token.name} takes no value.`);
      flags.add(token.name);
      continue;
    }
    if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
      throw usageProblem(`--${token.name} needs a value: --${token.name} ${spec.value}.`);
    if (spec.repeats !== true && given.some(({ name }) => name === token.name)) throw usageProblem(`--${token.name} is given twice; give it once.`);
    given.push({ name: token.name, value: token.value });
  }
  if (!flags.has('help') && positionals.length > command.mostPositionals) {
    throw usageProblem(`\`${positionals[command.mostPositionals] ?? ''}\` is one word too many. Quote text that has spaces.`);
  }
  return new Arguments(positionals, given, flags);
}

function unknownOption(rawName: string, names: Iterable<string>): string {
  const near = nearestName(rawName.replace(/^-+/, ''), names);
  return `There is no option ${rawName}.${near === undefined ? '' : ` Did you mean --${near}?`}`;
}
