import { z } from 'zod';
import { CliProblem, usageProblem } from './cli-problem.ts';
import { describeProvenance } from './describe-provenance.ts';
import { exitCodes } from './exit-codes.ts';
import { gatewayClient, type GatewayClient } from './gateway-client.ts';
import { gatewayOptions, type Command } from './command.ts';
import { paint } from './paint.ts';
import { printableText } from './printable-text.ts';
import { readChatAnswer, type ChatAnswer } from './chat-answer.ts';
import { say, writeJson, type CliIo } from './cli-io.ts';
import type { Arguments } from './parse-arguments.ts';

export const chatCommand: Command = {
  usage: 'chat "TEXT" [--model NAME] [--system TEXT] [--max-tokens N] [--url URL] [--json]',
  options: {
    model: { value: 'NAME', summary: 'The model to ask (default: the first that the gateway has).' },
    system: { value: 'TEXT', summary: 'Instructions that go before the text.' },
    'max-tokens': { value: 'N', summary: 'Longest answer in tokens.' },
    ...gatewayOptions,
  },
  mostPositionals: 1,
  run: async (args, io) => {
    const [text] = args.positionals;
    if (text === undefined || text === '') throw usageProblem('What shall be asked? Give `second-source chat "your text"`.');
    // Read first: a mistake on the command line is told without a gateway.
    const request = requestOptions(args, text);
    const client = gatewayClient(args, io);
    const model = args.text('model') ?? (await firstModel(client));
    const response = await client.chat({ model, ...request });
    const asJson = args.flag('json');
    const answer = await readChatAnswer(response.body, (piece) => {
      // Raw bytes for programs; a terminal obeys control characters, so a person gets none.
      if (!asJson) io.stdout.write(io.stdout.isTTY === true ? printableText(piece) : piece);
    });
    response.body.destroy();
    if (asJson) writeJson(io, asData(model, answer));
    else if (answer.text !== '') io.stdout.write('\n');
    return report(answer, io);
  },
};

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

async function firstModel(client: GatewayClient): Promise<string> {
  const { data } = await client.get('/v1/models', modelList);
  const [first] = data;
  if (first === undefined)
    throw new CliProblem(`The gateway at ${client.url} serves no model yet. \`second-source status\` says more.`, exitCodes.fault);
  return first.id;
}

function requestOptions(args: Arguments, text: string): Record<string, unknown> {
  const system = args.text('system');
  const maxTokens = args.wholeNumber('max-tokens', 1, 1_000_000);
  return {
    messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), { role: 'user', content: text }],
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

function asData(model: string, answer: ChatAnswer): unknown {
  return {
    model,
    text: answer.text,
    complete: answer.broken === undefined,
    finish_reason: answer.finishReason ?? null,
    error: answer.broken ?? null,
    usage: answer.usage ?? null,
    second_source: answer.provenance ?? null,
  };
}

function report(answer: ChatAnswer, io: CliIo): number {
  for (const line of describeProvenance(answer.provenance)) say(io, paint(io, io.stderr, 'dim', printableText(line)));
  if (answer.broken === undefined) {
    if (answer.finishReason === 'length') say(io, 'The answer reached its token limit; --max-tokens allows more.');
    return exitCodes.ok;
  }
  const so = answer.text === '' ? 'No text came.' : 'What stands above is only a part of the answer.';
  say(io, `${paint(io, io.stderr, 'red', 'The answer was cut off:')} ${printableText(answer.broken).replace(/\.?$/, '.')} ${so}`);
  return exitCodes.fault;
}
