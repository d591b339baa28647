import { chooseAction } from './choose-action.ts';
import { controlAnswers } from './control-answers.ts';
import { endpointTable } from './endpoint-table.ts';
import { exitCodes } from './exit-codes.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { say, writeJson } from './cli-io.ts';
import { usageProblem } from './cli-problem.ts';
import type { Arguments } from './parse-arguments.ts';

export const endpointsCommand: Command = {
  usage:
    'endpoints [list | unplug ID | drain ID | plug ID | add ID --endpoint URL [--key-env NAME] [--model NAME] … | remove ID] [--control URL] [--json]',
  options: {
    endpoint: { value: 'URL', summary: 'Of `add`: its base URL.' },
    'key-env': { value: 'NAME', summary: 'Of `add`: the environment variable of the gateway with its key.' },
    model: { value: 'NAME', repeats: true, summary: 'Of `add`: a model to use there (default: those that it lists).' },
    ...controlOptions,
  },
  mostPositionals: 2,
  run: async (args, io) => {
    const [word, id] = args.positionals;
    const action = chooseAction('endpoints', ['list', 'unplug', 'drain', 'plug', 'add', 'remove'], word);
    const client = controlClient(args, io);
    if (action === 'list') {
      if (id !== undefined) throw usageProblem('`endpoints list` takes no id.');
      const answer = await client.call('GET', '/control/v1/endpoints', controlAnswers.endpoints);
      if (args.flag('json')) writeJson(io, answer);
      else io.stdout.write(endpointTable(answer.endpoints));
      return exitCodes.ok;
    }
    if (id === undefined) throw usageProblem(`Which one? Give \`endpoints ${action} ID\`; \`second-source endpoints\` lists the ids.`);
    const path = `/control/v1/endpoints/${encodeURIComponent(id)}`;
    if (action === 'add' || action === 'remove') {
      const body = action === 'add' ? newEndpoint(args) : undefined;
      await client.call(action === 'add' ? 'PUT' : 'DELETE', path, controlAnswers.changed, body);
      say(
        io,
        action === 'add' ? `${id} is added, beside the file; \`config export\` writes it into it.` : `${id} is removed; what runs there goes on.`,
      );
      return exitCodes.ok;
    }
    const answer = await client.call('POST', `/control/v1/endpoints/${encodeURIComponent(id)}/${action}`, controlAnswers.plugged);
    if (args.flag('json')) writeJson(io, answer);
    else say(io, `${answer.id} is ${answer.state}.`);
    return exitCodes.ok;
  },
};

function newEndpoint(args: Arguments): Record<string, unknown> {
  const url = args.text('endpoint');
  if (url === undefined) throw usageProblem('Where is it? Give --endpoint URL.');
  const key = args.text('key-env');
  const models = args.given.filter(({ name }) => name === 'model').map(({ value }) => ({ name: value }));
  return { url, ...(key === undefined ? {} : { key: `env:${key}` }), ...(models.length === 0 ? {} : { models }) };
}
