import { resolve } from 'node:path';
import { z } from 'zod';
import { allProfiles } from '../protocol/profiles/profile-named.ts';
import { askGateway } from './verify-real/ask-gateway.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { productVersion } from './product-version.ts';
import { realCost, runRealChecks } from './verify-real/real-checks.ts';
import { say, writeJson, type CliIo } from './cli-io.ts';
import { startRealGateway, type RealTarget } from './verify-real/real-gateway.ts';
import { systemClock } from '../std/clock.ts';
import { usageProblem } from './cli-problem.ts';
import { writeReport, type RealReport } from './verify-real/write-report.ts';
import type { Arguments } from './parse-arguments.ts';
import type { Command } from './command.ts';
import type { RealFinding } from './verify-real/real-check.ts';

const dialectSchema = z.enum(['openai', 'anthropic', 'gemini']).optional();
/** Enough for one short answer of a model that thinks first. */
const usualTokens = 256;

export const verifyCommand: Command = {
  usage: 'verify --real URL [--key env:NAME|file:PATH] [--model NAME] [--dialect D | --profile P] [--report FILE]',
  options: {
    real: { value: 'URL', summary: 'The endpoint to verify; what it costs is said before it starts.' },
    key: { value: 'env:NAME', summary: 'Where its key stands: env:NAME or file:PATH, never the key itself.' },
    model: { value: 'NAME', summary: 'The model to ask (default: the first that it lists).' },
    dialect: { value: 'D', summary: 'openai, anthropic or gemini (default: by the profile or the host).' },
    profile: { value: 'P', summary: 'The profile of quirks (docs/dialects.md; default: by the host).' },
    report: { value: 'FILE', summary: 'Keep the report: JSON where the name ends in .json, else Markdown.' },
    tokens: { value: 'N', summary: `Most output tokens of one request (default: ${usualTokens}).` },
    'timeout-ms': { value: 'N', summary: 'Longest silence of the endpoint (default: 60000).' },
    json: { summary: 'Print JSON on standard output.' },
  },
  mostPositionals: 0,
  run: async (args, io) => {
    const target = readTarget(args);
    const tokens = args.wholeNumber('tokens', 1, 4096) ?? usualTokens;
    const { requests, inputTokens } = realCost;
    say(io, `Asks ${shown(target.url)} at most ${requests} times: about ${inputTokens} input tokens, at most ${requests * tokens} output tokens.`);
    const gateway = await startRealGateway(target, io);
    try {
      const findings = await runRealChecks(askGateway(gateway.url, systemClock), gateway.models, tokens);
      const report: RealReport = {
        verified: shown(target.url),
        dialect: gateway.endpoint.dialect,
        profile: gateway.endpoint.profile,
        model: gateway.models.real,
        at: new Date(systemClock.wallMs()).toISOString(),
        version: productVersion(io),
        findings,
        inputTokens: sum(findings, ({ inputTokens: count }) => count),
        outputTokens: sum(findings, ({ outputTokens: count }) => count),
      };
      tell(report, args, io);
      return exitCode(findings);
    } finally {
      await gateway.stop();
    }
  },
};

function readTarget(args: Arguments): RealTarget {
  const url = args.text('real');
  if (url === undefined || !URL.canParse(url))
    throw usageProblem('Which endpoint? Give its base URL: second-source verify --real https://api.example.com');
  const key = args.text('key');
  if (key !== undefined && !/^(?:env|file):./.test(key)) throw usageProblem('--key needs env:NAME or file:PATH, not the key itself.');
  const dialect = dialectSchema.safeParse(args.text('dialect'));
  if (!dialect.success) throw usageProblem('--dialect needs openai, anthropic or gemini.');
  const profile = args.text('profile');
  if (profile !== undefined && !allProfiles.some(({ name }) => name === profile))
    throw usageProblem(`There is no profile ${profile}; there are ${allProfiles.map(({ name }) => name).join(', ')}.`);
  return { url, key, model: args.text('model'), dialect: dialect.data, profile, timeoutMs: args.wholeNumber('timeout-ms', 1, 600_000) ?? 60_000 };
}

/** Without whatever a person may have put before the host or behind the path. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/(?<!\/)\/+$/, '')}`;
}

function sum(findings: readonly RealFinding[], countOf: (finding: RealFinding) => number): number {
  return findings.reduce((total, finding) => total + countOf(finding), 0);
}

function tell(report: RealReport, args: Arguments, io: CliIo): void {
  if (args.flag('json')) writeJson(io, report);
  else {
    const columns = [{ title: 'check' }, { title: 'result' }, { title: 'what was seen', least: 30 }, { title: 'ms', align: 'right' }] as const;
    io.stdout.write(
      formatTable(
        columns,
        report.findings.map(({ check, result, what, tookMs }) => [check, result, what, String(tookMs)]),
      ),
    );
  }
  say(io, `profile ${report.profile}, model ${report.model}: ${report.inputTokens} input and ${report.outputTokens} output tokens were told.`);
  const path = args.text('report');
  if (path === undefined) return;
  io.writeFile(resolve(io.workingDirectory, path), writeReport(path, report));
  say(io, `The report is in ${path}; it holds no key, no prompt and no answer.`);
}

function exitCode(findings: readonly RealFinding[]): ExitCode {
  const failed = findings.filter(({ result }) => result === 'failed');
  if (failed.length === 0) return exitCodes.ok;
  return failed.some(({ check, what }) => check === 'chat' && what.includes('upstream_auth')) ? exitCodes.auth : exitCodes.gate;
}
