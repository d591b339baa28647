import { CliProblem, usageProblem } from './cli-problem.ts';
import { commandHelp, generalHelp } from './help.ts';
import { commandList } from './command-list.ts';
import { exitCodes } from './exit-codes.ts';
import { nearestName } from '../std/nearest-name.ts';
import { paint } from './paint.ts';
import { parseArguments } from './parse-arguments.ts';
import { printableText } from './printable-text.ts';
import { productVersion } from './product-version.ts';
import { say, type CliIo } from './cli-io.ts';

/** Runs one command line (`argv` without node and script) and resolves to the exit code. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (!(error instanceof CliProblem)) throw error;
    say(io, `${paint(io, io.stderr, 'red', 'second-source:')} ${printableText(error.message)}`);
    return error.exitCode;
  }
}

async function dispatch(argv: readonly string[], io: CliIo): Promise<number> {
  const [word, ...rest] = argv;
  switch (word) {
    case undefined:
      io.stderr.write(generalHelp());
      return exitCodes.usage;
    case 'help':
    case '--help':
    case '-h':
      return help(rest[0], io);
    case '--version':
    case '-v':
    case 'version':
      io.stdout.write(`${productVersion(io)}\n`);
      return exitCodes.ok;
    default: {
      const command = await find(word).load();
      const args = parseArguments(rest, command);
      return args.flag('help') ? help(word, io) : command.run(args, io);
    }
  }
}

async function help(name: string | undefined, io: CliIo): Promise<number> {
  if (name === undefined) io.stdout.write(generalHelp());
  else {
    const entry = find(name);
    io.stdout.write(commandHelp(entry.summary, await entry.load()));
  }
  return exitCodes.ok;
}

function find(name: string): (typeof commandList)[string] {
  const entry = Object.hasOwn(commandList, name) ? commandList[name] : undefined;
  if (entry !== undefined) return entry;
  const near = nearestName(name.replace(/^-+/, ''), [...Object.keys(commandList), 'help']);
  throw usageProblem(`There is no command \`${name}\`. ${near === undefined ? '`second-source help` lists them.' : `Did you mean \`${near}\`?`}`);
}
