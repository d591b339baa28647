import { billFormatNames } from '../ledger/reconcile/bill-format.ts';
import { CliProblem, usageProblem } from './cli-problem.ts';
import { controlAnswers, type ReconcileAnswer } from './control-answers.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { resolve } from 'node:path';
import { say, writeJson, type CliIo } from './cli-io.ts';

const largestBytes = 64 * 1024 * 1024;
const passedOn = new Set(['format', 'column', 'model', 'vendor', 'endpoint', 'tolerance', 'tolerance-usd']);

export const reconcileCommand: Command = {
  usage: `reconcile FILE --format ${billFormatNames.join('|')} [--endpoint ID | --vendor NAME] [options]`,
  options: {
    format: { value: 'FORMAT', summary: `What wrote the file: ${billFormatNames.join(', ')}.` },
    column: { value: 'PART=NAME', repeats: true, summary: 'The name of a column: time, model, key, request, input, cached, output or usd.' },
    model: { value: 'THEIRS=OURS', repeats: true, summary: 'What we call a model of theirs, where a date at its end is not all that differs.' },
    endpoint: { value: 'ID', summary: 'Compare with attempts on this endpoint only.' },
    vendor: { value: 'NAME', summary: 'Compare with attempts on this vendor’s silicon only.' },
    tolerance: { value: 'SHARE', summary: 'By how much tokens and money may differ: 0.01 for one per cent (default: 0).' },
    'tolerance-usd': { value: 'USD', summary: 'By how much money may differ in any case (default: 0.01).' },
    settle: { summary: 'Settle attempts whose end nobody saw with what the file says of them.' },
    ...controlOptions,
  },
  mostPositionals: 1,
  run: async (args, io) => {
    const [file] = args.positionals;
    if (file === undefined) throw usageProblem('Name the vendor’s file: `reconcile FILE --format FORMAT`.');
    if (args.text('format') === undefined) throw usageProblem(`Say what wrote the file: --format is one of ${billFormatNames.join(', ')}.`);
    const query = new URLSearchParams(args.flag('settle') ? { settle: 'true' } : {});
    for (const { name, value } of args.given) if (passedOn.has(name)) query.append(name === 'tolerance-usd' ? 'toleranceUsd' : name, value);
    const bytes = await readWhole(io, resolve(io.workingDirectory, file));
    const report = await controlClient(args, io).upload(
      `/control/v1/ledger/reconcile?${query.toString()}`,
      'text/csv',
      bytes,
      controlAnswers.reconciled,
    );
    if (args.flag('json')) writeJson(io, report);
    else show(report, args.flag('settle'), io);
    return report.matches ? exitCodes.ok : exitCodes.gate;
  },
};

async function readWhole(io: CliIo, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of io.readParts(path)) {
      bytes += part.length;
      if (bytes > largestBytes) throw new CliProblem(`${path} is over 64 MiB: compare it month by month.`, exitCodes.usage);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof CliProblem) throw error;
    throw new CliProblem(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, exitCodes.usage);
  }
  return Buffer.concat(parts);
}

function show({ lines, days, sums, requests, matches }: ReconcileAnswer, settles: boolean, io: CliIo): void {
  const tokens = (sum: ReconcileAnswer['sums'][number]['vendor']): string => (sum == null ? '–' : `${sum.inputTokens} + ${sum.outputTokens}`);
  const usd = (sum: ReconcileAnswer['sums'][number]['vendor']): string => sum?.usd?.toFixed(4) ?? '–';
  io.stdout.write(
    formatTable(
      [
        { title: 'DAY' },
        { title: 'MODEL', least: 12 },
        { title: 'KEY', least: 6 },
        { title: 'VERDICT' },
        { title: 'THEIR TOKENS', align: 'right' },
        { title: 'OUR TOKENS', align: 'right' },
        { title: 'THEIR USD', align: 'right' },
        { title: 'OUR USD', align: 'right' },
      ],
      sums.map((sum) => [sum.day, sum.model, sum.keyId, sum.verdict, tokens(sum.vendor), tokens(sum.ledger), usd(sum.vendor), usd(sum.ledger)]),
    ),
  );
  say(io, `${lines} lines${days == null ? '' : ` from ${days.first} to ${days.last}`}.`);
  if (requests != null) {
    const { matched, settled, differing, missing, running } = requests;
    say(io, `Of its requests ${matched} match, ${differing} differ, ${missing} are not ours, ${running} still run here.`);
    if (settled > 0)
      say(io, settles ? `${settled} unknown attempts were settled.` : `${settled} unknown attempts could be settled with it: --settle.`);
    for (const { requestId, state } of requests.odd.slice(0, 10))
      say(io, state == null ? `not ours: ${requestId}` : `differs: ${requestId} (${state} in the ledger)`);
  }
  const unsettled = sums.reduce((sum, each) => sum + each.unsettled, 0);
  if (unsettled > 0) say(io, `${unsettled} attempts of ours have no known usage yet, which may explain a difference.`);
  say(io, matches ? 'The bill and the ledger match.' : 'The bill and the ledger do not match.');
}
