import { z } from 'zod';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { say, writeJson, type CliIo } from './cli-io.ts';
import { CliProblem, usageProblem } from './cli-problem.ts';
import type { Arguments } from './parse-arguments.ts';

const evidenceSchema = z.union([
  z.object({ kind: z.literal('measured'), answers: z.number() }),
  z.object({ kind: z.literal('prior'), from: z.string() }),
]);

const answerSchema = z.object({
  requestId: z.string(),
  choices: z.array(
    z.object({
      model: z.string(),
      outcome: z.string(),
      candidates: z.array(
        z.object({
          endpointId: z.string(),
          silicon: z.object({ vendor: z.string(), evidence: z.string() }),
          verdict: z.string(),
          why: z.string(),
          expected: z.object({ ttftMs: z.number(), tpotMs: z.number(), usd: z.number().optional(), ttftEvidence: evidenceSchema }).optional(),
        }),
      ),
    }),
  ),
});

type Choice = z.infer<typeof answerSchema>['choices'][number];

export const explainCommand: Command = {
  usage: 'explain [FILE | --model M | --request ID] [--slo CLASS] [--control URL] [--json]',
  options: {
    model: { value: 'M', summary: 'Explain where a short question to this model would go now.' },
    request: { value: 'ID', summary: 'Explain a request that carried `x-second-source-explain: 1`, by its `x-request-id`.' },
    slo: { value: 'CLASS', summary: 'The SLO class to take the request for.' },
    ...controlOptions,
  },
  mostPositionals: 1,
  run: async (args, io) => {
    const client = controlClient(args, io);
    const id = args.text('request');
    const slo = args.text('slo');
    const answer =
      id === undefined
        ? await client.call('POST', '/control/v1/explain', answerSchema, bodyOf(args, io), slo === undefined ? {} : { 'x-second-source-slo': slo })
        : await client.call('GET', `/control/v1/explain/${encodeURIComponent(id)}`, answerSchema);
    if (args.flag('json')) writeJson(io, answer);
    else for (const choice of answer.choices) show(io, choice);
    return exitCodes.ok;
  },
};

function bodyOf(args: Arguments, io: CliIo): unknown {
  const [path] = args.positionals;
  const model = args.text('model');
  if (path === undefined) {
    if (model === undefined) throw usageProblem('What shall be explained? Give a file with a chat request, --model M, or --request ID.');
    return { model, messages: [{ role: 'user', content: 'Where would this go?' }] };
  }
  try {
    const body: unknown = JSON.parse(io.readFile(path));
    return body;
  } catch (error) {
    throw new CliProblem(`${path} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`, exitCodes.usage);
  }
}

function show(io: CliIo, { model, outcome, candidates }: Choice): void {
  const where = candidates.find(({ verdict }) => verdict === 'chosen');
  say(io, where === undefined ? `${model}: nobody (${outcome}).` : `${model}: ${where.endpointId}.`);
  io.stdout.write(
    formatTable(
      [
        { title: 'ENDPOINT', least: 12 },
        { title: 'VENDOR' },
        { title: 'VERDICT' },
        { title: 'TTFT', align: 'right' },
        { title: 'TPOT', align: 'right' },
        { title: 'USD', align: 'right' },
        { title: 'BASIS' },
        { title: 'WHY' },
      ],
      candidates.map(({ endpointId, silicon, verdict, why, expected }) => [
        endpointId,
        silicon.evidence === 'emulated' ? `${silicon.vendor} (emulated)` : silicon.vendor,
        verdict,
        expected === undefined ? '' : `${expected.ttftMs.toFixed(0)} ms`,
        expected === undefined ? '' : `${expected.tpotMs.toFixed(1)} ms`,
        expected?.usd?.toFixed(6) ?? (expected === undefined ? '' : 'unknown'),
        expected === undefined ? '' : basis(expected.ttftEvidence),
        why,
      ]),
    ),
  );
}

function basis(evidence: z.infer<typeof evidenceSchema>): string {
  if (evidence.kind === 'measured') return `${evidence.answers} answers`;
  return evidence.from === 'none' ? 'nothing known' : evidence.from;
}
