import { controlAnswers } from './control-answers.ts';
import { endpointTable } from './endpoint-table.ts';
import { exitCodes } from './exit-codes.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { nearestName } from '../std/nearest-name.ts';
import { say, writeJson } from './cli-io.ts';
import { usageProblem } from './cli-problem.ts';

const actions = ['list', 'unplug', 'plug'] as const;

export const endpointsCommand: Command = {
  usage: 'endpoints [list | unplug ID | plug ID] [--control URL] [--json]',
  options: controlOptions,
  mostPositionals: 2,
  run: async (args, io) => {
    const [word = 'list', id] = args.positionals;
    const action = actions.find((name) => name === word);
    if (action === undefined) {
      const near = nearestName(word, actions);
      throw usageProblem(
        `There is no \`endpoints ${word}\`. ${near === undefined ? `Give one of ${actions.join(', ')}.` : `Did you mean \`endpoints ${near}\`?`}`,
      );
    }
    const client = controlClient(args, io);
    if (action === 'list') {
      if (id !== undefined) throw usageProblem('`endpoints list` takes no id.');
      const answer = await client.call('GET', '/control/v1/endpoints', controlAnswers.endpoints);
      if (args.flag('json')) writeJson(io, answer);
      else io.stdout.write(endpointTable(answer.endpoints));
      return exitCodes.ok;
    }
    if (id === undefined) throw usageProblem(`Which one? Give \`endpoints ${action} ID\`; \`second-source endpoints\` lists the ids.`);
    const answer = await client.call('POST', `/control/v1/endpoints/${encodeURIComponent(id)}/${action}`, controlAnswers.plugged);
    if (args.flag('json')) writeJson(io, answer);
    else say(io, `${answer.id} is ${answer.state}.`);
    return exitCodes.ok;
  },
};
