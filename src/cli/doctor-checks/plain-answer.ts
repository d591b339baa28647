import { chatBody, finding } from './check-context.ts';
import { readWhole } from './read-answer.ts';
import type { DoctorProbe } from './doctor-probe.ts';
import type { Finding } from './finding.ts';

const finishReasons = new Set(['stop', 'length', 'tool_calls', 'content_filter']);

export interface PlainAnswer {
  readonly finding: Finding;
  readonly status: number;
  readonly text: string;
}

/** Whether a simple question gets an answer in the published form. Without one nothing else can be judged. */
export async function checkPlainAnswer(probe: DoctorProbe, model: string): Promise<PlainAnswer> {
  const answer = await probe.post('/chat/completions', chatBody(model));
  const whole = readWhole(answer.json);
  const [choice] = whole?.choices ?? [];
  const text = choice?.message?.content ?? '';
  const judge = (): Parameters<typeof finding>[3] => {
    if (answer.status !== 200) return { result: 'failed', fatal: true, what: `A plain question was answered with status ${answer.status}.` };
    if (answer.end !== 'complete' || choice?.message === undefined)
      return { result: 'failed', fatal: true, what: 'The answer is not a whole chat completion.' };
    if (!finishReasons.has(choice.finish_reason ?? '')) return { result: 'deviates', what: 'The answer has no known finish_reason.' };
    if (whole?.usage == null) return { result: 'deviates', what: 'The answer does not say how many tokens it took.' };
    return { result: 'ok', what: 'A plain question is answered in the published form, with usage.' };
  };
  return {
    finding: finding(probe, 'plain-answer', answer, { ...judge(), fatal: judge().fatal ?? answer.status === 0 }),
    status: answer.status,
    text,
  };
}
