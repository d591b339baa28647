import { checkAbort } from './abort.ts';
import { checkGenerationOptions } from './generation-options.ts';
import { checkPlainAnswer } from './plain-answer.ts';
import { checkPrefill } from './prefill.ts';
import { checkRefusals } from './refusals.ts';
import { checkStreams } from './streams.ts';
import { checkTranslated, dialectShown, type TranslatedDialect } from './translated-dialect.ts';
import { checkTokenIds } from './token-ids.ts';
import { failure, success, type Result } from '../../std/result.ts';
import { finding, type CheckContext } from './check-context.ts';
import { isRecord } from '../../std/is-record.ts';
import type { DoctorProbe, ProbeAnswer } from './doctor-probe.ts';
import { profileFinding } from './profile-finding.ts';
import type { Finding } from './finding.ts';

const checks = [checkStreams, checkRefusals, checkTokenIds, checkPrefill, checkGenerationOptions, checkAbort] as const;

/** Long enough to stop in its middle, short enough to be one or two tokens of most answers. */
const openingCharacters = 13;

export type NoDiagnosis =
  | { readonly kind: 'unreachable'; readonly why: string }
  | { readonly kind: 'refused'; readonly status: number }
  /** The endpoint does not say what it serves, and nobody named a model. */
  | { readonly kind: 'no-model'; readonly why: string };

export interface Diagnosis {
  readonly model: string;
  /** The profile of quirks that fits best. */
  readonly profile: string;
  readonly findings: readonly Finding[];
}

/** Runs all checks, one request at a time. A fatal finding in the plain answer ends them: nothing else could be judged. */
export async function runChecks(probe: DoctorProbe, givenModel: string | undefined): Promise<Result<Diagnosis, NoDiagnosis>> {
  const listed = await probe.get('/models');
  if (listed.status === 0) return failure({ kind: 'unreachable', why: listed.text });
  const other = dialectShown(listed);
  if (other !== undefined) return translated(probe, other, givenModel, listed);
  if (isRefusal(listed.status)) return failure({ kind: 'refused', status: listed.status });
  const names = modelNames(listed.json);
  const model = givenModel ?? names?.[0];
  if (model === undefined) return failure({ kind: 'no-model', why: probe.show(listed) });
  const plain = await checkPlainAnswer(probe, model);
  if (isRefusal(plain.status)) return failure({ kind: 'refused', status: plain.status });
  const findings: Finding[] = [judgeModels(probe, listed, names, model), plain.finding];
  if (plain.finding.result === 'failed') return success({ model, profile: profileFinding(probe, findings).profile, findings });
  const opening = /^[\x20-\x7e]*/.exec(plain.text)?.[0].slice(0, openingCharacters) ?? '';
  const context: CheckContext = { probe, model, opening, plainText: plain.text };
  for (const check of checks) findings.push(...(await check(context)));
  const { profile, finding: fitting } = profileFinding(probe, findings);
  return success({ model, profile, findings: [...findings, fitting] });
}

/** The questions of another dialect, which the answer to OpenAI's own question gave away. */
async function translated(
  probe: DoctorProbe,
  dialect: TranslatedDialect,
  givenModel: string | undefined,
  listed: ProbeAnswer,
): Promise<Result<Diagnosis, NoDiagnosis>> {
  const { model, findings, refusedWith } = await checkTranslated(probe, dialect, givenModel);
  if (refusedWith !== undefined) return failure({ kind: 'refused', status: refusedWith });
  if (model === undefined) return failure({ kind: 'no-model', why: probe.show(listed) });
  return success({ model, profile: dialect, findings });
}

function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

function modelNames(json: unknown): readonly string[] | undefined {
  if (!isRecord(json) || !Array.isArray(json['data'])) return undefined;
  return json['data'].flatMap((entry: unknown) => (isRecord(entry) && typeof entry['id'] === 'string' ? [entry['id']] : []));
}

function judgeModels(probe: DoctorProbe, answer: ProbeAnswer, names: readonly string[] | undefined, model: string): Finding {
  if (names === undefined)
    return finding(probe, 'models', answer, {
      result: 'deviates',
      what: `Its models cannot be listed (status ${answer.status}), so they have to stand in the configuration.`,
    });
  if (!names.includes(model))
    return finding(probe, 'models', answer, { result: 'deviates', what: 'The list of models lacks the one that was asked for.' });
  return finding(probe, 'models', answer, { result: 'ok', what: `It lists ${names.length} model${names.length === 1 ? '' : 's'}.` });
}
