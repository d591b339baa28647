import { controlAnswers } from './control-answers.ts';
import { endpointTable } from './endpoint-table.ts';
import { exitCodes } from './exit-codes.ts';
import { formatDuration } from './format-duration.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { printableText } from './printable-text.ts';
import { writeJson } from './cli-io.ts';

export const statusCommand: Command = {
  usage: 'status [--control URL] [--json]',
  options: controlOptions,
  mostPositionals: 0,
  run: async (args, io) => {
    const client = controlClient(args, io);
    const status = await client.call('GET', '/control/v1/status', controlAnswers.status);
    if (args.flag('json')) {
      writeJson(io, status);
      return exitCodes.ok;
    }
    const ready = status.endpoints.filter(({ state }) => state === 'ready').length;
    io.stdout.write(
      printableText(
        [
          `second-source ${status.version} at ${client.url}, up for ${formatDuration(status.uptimeMs)}`,
          `models: ${status.models.join(', ') || 'none'}`,
          `endpoints: ${ready} of ${status.endpoints.length} ready`,
          '',
          '',
        ].join('\n'),
      ),
    );
    io.stdout.write(endpointTable(status.endpoints));
    return exitCodes.ok;
  },
};
