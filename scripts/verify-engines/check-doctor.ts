import { join } from 'node:path';
import { z } from 'zod';
import { modelFiles, modelName, repository } from './engine-folder.ts';
import { runTool } from './run-tool.ts';
import { success, type Result } from '../../src/std/result.ts';
import type { EngineProcess } from './engine-process.ts';
import type { Finding } from './finding.ts';

const reportSchema = z.object({
  model: z.string(),
  profile: z.string(),
  findings: z.array(z.object({ name: z.string(), result: z.string(), what: z.string(), evidence: z.object({ sent: z.string(), came: z.string() }) })),
});

export type DoctorReport = z.infer<typeof reportSchema>;

/** An engine's first request for log probabilities took vLLM 22 s. */
const silenceMs = 120_000;
const timeoutMs = 600_000;
const entry = join(repository, 'src/cli/main.ts');

/** Runs the command itself against the engine, which is told no more than an operator who knows nothing would tell. */
export async function askDoctor({ origin, recipe }: EngineProcess): Promise<Result<DoctorReport, string>> {
  const model = recipe.listsModels ? [] : ['--model', recipe.upstreamModel];
  const args = ['--disable-warning=ExperimentalWarning', entry, 'doctor', origin, ...model, '--timeout-ms', String(silenceMs), '--json'];
  const said = await runTool(process.execPath, args, { cwd: repository, timeoutMs });
  return said.ok ? success(reportSchema.parse(JSON.parse(said.value))) : said;
}

/** Which profile it found by what, and everything that is not as published, with what was sent and what came. */
export function doctorFindings({ id, recipe }: EngineProcess, { profile, findings }: DoctorReport): Finding[] {
  const row = (name: string, result: Finding['result'], what: string): Finding => ({
    check: 'doctor',
    subject: `${id}: ${name}`,
    result,
    what: withoutPath(what, modelFiles.safetensors),
  });
  const fit = findings.find(({ name }) => name === 'profile');
  const others = findings.filter((finding) => finding !== fit);
  const asPublished = others.filter(({ result }) => result === 'ok').map(({ name }) => name);
  return [
    row('profile', profile === recipe.profile ? 'held' : 'missed', `${fit?.what ?? `\`${profile}\`.`} By: ${code(fit?.evidence.came ?? '–')}`),
    row('as published', 'measured', `${asPublished.length} of ${others.length}: ${asPublished.join(', ')}`),
    ...others
      .filter(({ result }) => result !== 'ok')
      .map(({ name, result, what, evidence }) =>
        row(name, 'measured', `${result}: ${what} Sent ${code(evidence.sent)}; came ${code(evidence.came)}`),
      ),
  ];
}

/** Where the model lies is this machine's own affair, also where the doctor's cut fell in the middle of it. */
function withoutPath(text: string, path: string): string {
  // What is no longer than the model's name tells nothing of the machine.
  const lengths = Array.from({ length: path.length - modelName.length }, (_, less) => path.length - less);
  const cuts = lengths.flatMap((length) => [[`… ${path.slice(-length)}`, '… PATH'] as const, [`${path.slice(0, length)} …`, 'PATH …'] as const]);
  return cuts.reduce((left, [cut, name]) => left.replaceAll(cut, name), text.replaceAll(path, 'PATH'));
}

/** As code in Markdown, whatever quotes it holds. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
