import type { DoctorProbe, ProbeAnswer } from './doctor-probe.ts';
import type { Finding, FindingResult } from './finding.ts';

export interface CheckContext {
  readonly probe: DoctorProbe;
  readonly model: string;
  /**
   * How the plain answer begins, in printable ASCII: greedy decoding makes it come again, so that later checks can
   * ask to stop in it or to go on from it. Empty where there is none.
   */
  readonly opening: string;
  /** The text of the plain answer. */
  readonly plainText: string;
}

export type Check = (context: CheckContext) => Promise<readonly Finding[]>;

/** The request that most checks vary: greedy and short. */
export function chatBody(model: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model, messages: [{ role: 'user', content: 'Hello gateway' }], temperature: 0, max_tokens: 12, ...more };
}

/** A finding with its evidence. Nothing but a connection that broke counts as `failed` here. */
export function finding(
  probe: DoctorProbe,
  name: string,
  answer: ProbeAnswer,
  judged: { readonly result: FindingResult; readonly what: string; readonly fatal?: boolean },
): Finding {
  const evidence = { sent: answer.sent, came: probe.show(answer) };
  if (answer.status === 0) return { name, result: 'failed', fatal: judged.fatal === true, what: 'There was no answer.', evidence };
  return { name, result: judged.result, fatal: judged.fatal === true, what: judged.what, evidence };
}
