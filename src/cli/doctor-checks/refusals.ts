import { chatBody, finding, type Check } from './check-context.ts';
import type { DoctorProbe, ProbeAnswer } from './doctor-probe.ts';
import type { Finding } from './finding.ts';

interface Wrong {
  readonly name: string;
  readonly subject: string;
  readonly body: (model: string) => unknown;
  /** The status with which OpenAI's API refuses it. */
  readonly published: number;
}

const wrongs: readonly Wrong[] = [
  { name: 'unknown-model', subject: 'An unknown model', body: () => chatBody('second-source-doctor-no-such-model'), published: 404 },
  { name: 'max-tokens-minus-1', subject: '`max_tokens: -1`', body: (model) => chatBody(model, { max_tokens: -1 }), published: 400 },
  {
    name: 'unknown-field',
    subject: 'An unknown field',
    body: (model) => chatBody(model, { second_source_doctor_no_such_field: true }),
    published: 400,
  },
  { name: 'bad-json', subject: 'Malformed JSON', body: (model) => `{"model":${JSON.stringify(model)}, `, published: 400 },
];

/** Whether wrong requests are refused with the published status. */
export const checkRefusals: Check = async ({ probe, model }) => {
  const findings: Finding[] = [];
  // One after the other: an endpoint that takes one at a time would otherwise fail for another reason.
  for (const wrong of wrongs) findings.push(judge(probe, wrong, await probe.post('/chat/completions', wrong.body(model))));
  return findings;
};

function judge(probe: DoctorProbe, { name, subject, published }: Wrong, answer: ProbeAnswer): Finding {
  if (answer.status === published) return finding(probe, name, answer, { result: 'ok', what: `${subject} is refused with status ${published}.` });
  const how = answer.status < 300 ? 'is accepted' : 'is answered';
  return finding(probe, name, answer, { result: 'deviates', what: `${subject} ${how} with status ${answer.status}; published is ${published}.` });
}
