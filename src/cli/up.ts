import { resolve } from 'node:path';
import { describeLocalEngine, findLocalEngines } from './find-local-engines.ts';
import { exitCodes } from './exit-codes.ts';
import { formatConfigProblem } from '../config/config-problem.ts';
import { configSource } from './config-source.ts';
import { paint } from './paint.ts';
import { say, type CliIo } from './cli-io.ts';
import { upOverlay } from './up-overlay.ts';
import { usageProblem } from './cli-problem.ts';
import type { Arguments } from './parse-arguments.ts';
import type { Command } from './command.ts';

const usualFile = 'second-source.yaml';

export const upCommand: Command = {
  usage:
    'up [--demo] [--config FILE] [--endpoint URL [--key-env NAME]] … [--model FILE.gguf] … [--port N] [--control-port N] [--host H] [--processes N] [--public]',
  options: {
    demo: { summary: 'Serve the small model that comes along, on this machine and on two emulated chips.' },
    config: { value: 'FILE', summary: `Configuration (default: ${usualFile} of this folder, where there is one).` },
    endpoint: { value: 'URL', repeats: true, summary: 'An OpenAI-compatible API or engine to use.' },
    'key-env': { value: 'NAME', repeats: true, summary: 'The environment variable with the key of the --endpoint before it.' },
    model: { value: 'FILE', repeats: true, summary: 'A GGUF file to serve on this machine.' },
    port: { value: 'N', summary: 'Port to listen on (default: 4000; 0 takes any free one).' },
    'control-port': { value: 'N', summary: 'Port of the page and the control API (default: the one after --port).' },
    host: { value: 'H', summary: 'Address to listen on (default: 127.0.0.1).' },
    processes: { value: 'N', summary: 'Processes that serve the port, one a core (default: 1).' },
    public: { summary: 'Let other machines in. Needs a key: of the configuration, or SECOND_SOURCE_KEY.' },
  },
  mostPositionals: 0,
  run: async (args, io) => {
    const path = configPath(args, io);
    const overlay = upOverlay(args, io.workingDirectory, path !== undefined);
    const demo = args.flag('demo');
    const local = await findLocalEngines();
    for (const engine of local) if (!namesPort(args, engine.port)) say(io, describeLocalEngine(engine));
    if (path === undefined && overlay.endpoints === undefined && overlay.engines === undefined && !demo) throw usageProblem(nothingToServe);
    const source = configSource(path, overlay, io);
    const loaded = source.load([]);
    if (!loaded.ok) {
      for (const problem of loaded.failure) say(io, `${paint(io, io.stderr, 'red', 'error')} ${formatConfigProblem(problem)}`);
      return exitCodes.usage;
    }
    const { runUp } = await import('../main.ts');
    return runUp(loaded.value.config, { demo, source }, { say: (message) => say(io, message), stopped: io.stopped(), onHangup: io.onHangup });
  },
};

const nothingToServe = [
  'There is nothing to serve. Give at least one of',
  '  --demo                               the small model that comes along',
  '  --endpoint URL [--key-env NAME]      an OpenAI-compatible API or engine',
  '  --model FILE.gguf                    a model to run on this machine',
  `  --config FILE                        a configuration (or a ${usualFile} in this folder)`,
].join('\n');

/** The file that was named, or the usual one where it exists. */
function configPath(args: Arguments, io: CliIo): string | undefined {
  const given = args.text('config');
  if (given !== undefined) return resolve(io.workingDirectory, given);
  const usual = resolve(io.workingDirectory, usualFile);
  try {
    io.readFile(usual);
    return usual;
  } catch {
    return undefined;
  }
}

function namesPort(args: Arguments, port: number): boolean {
  return args.given.some(({ name, value }) => name === 'endpoint' && URL.canParse(value) && new URL(value).port === String(port));
}
