import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { dependenceAnswer } from './dependence-answer.ts';
import { describeDependence } from './describe-dependence.ts';
import { exitCodes } from './exit-codes.ts';
import { writeJson } from './cli-io.ts';

/** Caps are set as any other part of the configuration: `config set caps/NAME '{"vendor":"nvidia","mostPercent":30}'`. */
export const dependenceCommand: Command = {
  usage: 'dependence [--window 24h] [--control URL] [--json]',
  options: { ...controlOptions, window: { value: 'TIME', summary: 'How far back to look, in hours or days (default: 24h).' } },
  mostPositionals: 0,
  run: async (args, io) => {
    const window = args.text('window') ?? '24h';
    const path = `/control/v1/dependence?window=${encodeURIComponent(window)}`;
    const answer = await controlClient(args, io).call('GET', path, dependenceAnswer);
    if (args.flag('json')) writeJson(io, answer);
    else io.stdout.write(describeDependence(answer));
    return exitCodes.ok;
  },
};
