import { CliProblem, usageProblem } from './cli-problem.ts';
import { DoctorProbe } from './doctor-checks/doctor-probe.ts';
import { bareBasePath } from '../config/resolve-profile.ts';
import { endpointAddress } from '../config/endpoint-address.ts';
import { exitCodes } from './exit-codes.ts';
import { paint } from './paint.ts';
import { printableText } from './printable-text.ts';
import { runChecks, type Diagnosis, type NoDiagnosis } from './doctor-checks/run-checks.ts';
import { say, writeJson, type CliIo } from './cli-io.ts';
import type { Arguments } from './parse-arguments.ts';
import type { Command } from './command.ts';
import type { FindingResult } from './doctor-checks/finding.ts';

const colours = { ok: 'green', deviates: 'yellow', unsupported: 'dim', failed: 'red' } as const satisfies Record<FindingResult, string>;

export const doctorCommand: Command = {
  usage: 'doctor URL [--key-env NAME] [--model NAME] [--timeout-ms N] [--json]',
  options: {
    'key-env': { value: 'NAME', summary: 'The environment variable with the endpoint’s key.' },
    model: { value: 'NAME', summary: 'The model to ask (default: the first that it lists).' },
    'timeout-ms': { value: 'N', summary: 'Longest silence of the endpoint (default: 30000).' },
    json: { summary: 'Print JSON on standard output.' },
  },
  mostPositionals: 1,
  run: async (args, io) => {
    const key = readKey(args, io);
    const [given] = args.positionals;
    if (given === undefined) throw usageProblem('Which endpoint? Give its base URL: second-source doctor http://127.0.0.1:8000');
    // Without a key only the doctor's own questions travel, and they may be read on the way.
    const address = endpointAddress(given, key === undefined ? true : undefined, bareBasePath({ url: given }));
    if (!address.ok) throw usageProblem(`The URL ${address.failure.what}. ${address.failure.fix}`);
    const probe = new DoctorProbe({ address: address.value.address, key, timeoutMs: args.wholeNumber('timeout-ms', 1, 3_600_000) ?? 30_000 });
    const url = `${address.value.address.origin}${address.value.address.basePath}`;
    const diagnosis = await runChecks(probe, args.text('model'));
    if (!diagnosis.ok) throw explain(diagnosis.failure, url, key);
    if (args.flag('json')) writeJson(io, { url, ...diagnosis.value });
    else print(diagnosis.value, url, io);
    return diagnosis.value.findings.some(({ fatal, result }) => fatal && result === 'failed') ? exitCodes.gate : exitCodes.ok;
  },
};

function readKey(args: Arguments, io: CliIo): string | undefined {
  const name = args.text('key-env');
  if (name === undefined) return undefined;
  const key = io.env[name]?.trim();
  if (key === undefined || key === '') throw usageProblem(`The environment variable ${name} is not set; --key-env names the one that holds the key.`);
  return key;
}

function explain(reason: NoDiagnosis, url: string, key: string | undefined): CliProblem {
  switch (reason.kind) {
    case 'unreachable':
      return new CliProblem(`${url} cannot be reached (${reason.why}).`, exitCodes.unreachable);
    case 'refused':
      return new CliProblem(
        `${url} refuses ${key === undefined ? 'requests without a key; give --key-env NAME' : 'this key'} (status ${reason.status}).`,
        exitCodes.auth,
      );
    case 'no-model':
      return usageProblem(`${url} does not say which models it has (${reason.why}); give --model NAME.`);
  }
}

function print({ model, findings }: Diagnosis, url: string, io: CliIo): void {
  say(io, `${url}, model ${printableText(model)}`);
  const profile = findings.find(({ name }) => name === 'profile' || name === 'dialect');
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const { name, result, what, evidence } of findings) {
    io.stdout.write(`${paint(io, io.stdout, colours[result], result.padEnd('unsupported'.length))}  ${name.padEnd(width)}  ${what}\n`);
    if (result !== 'ok' || profile?.name === name)
      io.stdout.write(paint(io, io.stdout, 'dim', `${' '.repeat(13)}sent  ${evidence.sent}\n${' '.repeat(13)}came  ${evidence.came}\n`));
  }
  const count = (wanted: FindingResult): number => findings.filter(({ result }) => result === wanted).length;
  say(io, `${count('ok')} ok, ${count('deviates')} deviate, ${count('unsupported')} unsupported, ${count('failed')} failed.`);
}
