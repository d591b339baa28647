import { commandList } from './command-list.ts';
import type { Command } from './command.ts';

/** What `second-source help` says. */
export function generalHelp(): string {
  const width = Math.max(...Object.keys(commandList).map((name) => name.length));
  return [
    'second-source: one OpenAI-compatible endpoint over every vendor’s silicon.',
    '',
    'Usage: second-source COMMAND [options]',
    '',
    ...Object.entries(commandList).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'second-source help COMMAND tells more; --version prints the version.',
    'Exit codes: 0 ok, 1 fault, 2 usage, 3 gate failed, 4 refused key, 5 unreachable.',
    '',
  ].join('\n');
}

/** What `second-source help COMMAND` says. */
export function commandHelp(summary: string, command: Command): string {
  const rows = Object.entries(command.options).map(
    ([name, spec]) => [`--${name}${spec.value === undefined ? '' : ` ${spec.value}`}${spec.repeats === true ? ' …' : ''}`, spec.summary] as const,
  );
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return [`Usage: second-source ${command.usage}`, '', summary, '', ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`), ''].join(
    '\n',
  );
}
