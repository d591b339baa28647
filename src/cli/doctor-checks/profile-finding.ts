import { fittingProfiles } from '../../protocol/profiles/fit-profile.ts';
import type { DoctorProbe } from './doctor-probe.ts';
import type { Finding } from './finding.ts';

/** Which profile of quirks fits what the endpoint said, by its own answers alone; what contradicts it is told beside. */
export function profileFinding(probe: DoctorProbe, findings: readonly Finding[]): { readonly finding: Finding; readonly profile: string } {
  const [best, next] = fittingProfiles({ findings, answers: probe.answers });
  const plain = 'openai-compatible';
  if (best === undefined) {
    const what = `No profile fits better than \`${plain}\`: nothing that it said is known of one engine or vendor alone.`;
    return { profile: plain, finding: { name: 'profile', result: 'ok', fatal: false, what, evidence: { sent: '–', came: '–' } } };
  }
  const { profile, marks, agrees, contradicts } = best;
  const against = contradicts.map(({ name, expected, found }) => `${name} is ${found}, not ${expected}`).join('; ');
  const beside = next === undefined ? '' : ` Next is \`${next.profile}\`.`;
  const what = `\`profile: ${profile}\` fits best: ${marks.length} mark${marks.length === 1 ? '' : 's'} and ${agrees.length} finding${agrees.length === 1 ? '' : 's'} speak for it${against === '' ? ', none against it' : `; against it: ${against}`}.${beside}`;
  const evidence = { sent: `the questions of ${agrees.join(', ') || 'this run'}`, came: probe.shorten(marks.join('  ')) || 'no mark of its own' };
  return { profile, finding: { name: 'profile', result: against === '' ? 'ok' : 'deviates', fatal: false, what, evidence } };
}
