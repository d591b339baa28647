import { profileNamed } from '../../protocol/profiles/profile-named.ts';
import type { RealFinding } from './real-check.ts';

/** What is kept of a verification: no key, no prompt, no answer. */
export interface RealReport {
  readonly verified: string;
  readonly dialect: string;
  readonly profile: string;
  readonly model: string;
  /** ISO 8601. */
  readonly at: string;
  readonly version: string;
  readonly findings: readonly RealFinding[];
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** JSON for a file that ends so, Markdown for any other. */
export function writeReport(path: string, report: RealReport): string {
  return path.endsWith('.json') ? `${JSON.stringify(report, null, 2)}\n` : markdown(report);
}

function markdown(report: RealReport): string {
  const { title, proof } = profileNamed(report.profile);
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = report.findings.map(({ check, result, what, tookMs }) => `| ${check} | ${result} | ${cell(what)} | ${tookMs} |`);
  return `# ${title}: verified against ${report.verified}

${report.at}, Second Source ${report.version}, \`dialect: ${report.dialect}\`, \`profile: ${report.profile}\` (before: ${proof === 'recorded' ? 'recorded' : 'fixtures only'}), model \`${report.model}\`; ${report.inputTokens} input and ${report.outputTokens} output tokens were told.

| check | result | what was seen | ms |
|---|---|---|---|
${rows.join('\n')}
`;
}
