import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

interface Check {
  readonly name: string;
  readonly args: readonly string[];
}

const checks: readonly Check[] = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'] },
  { name: 'types of the page', args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'web'] },
  { name: 'lint', args: ['node_modules/oxlint/bin/oxlint', '--type-aware'] },
  { name: 'format', args: ['node_modules/oxfmt/bin/oxfmt', '--check'] },
  { name: 'layers', args: ['scripts/check-layers.ts'] },
  { name: 'tidiness', args: ['scripts/check-tidy.ts'] },
  { name: 'SQL', args: ['scripts/check-sql.ts'] },
  { name: 'security table', args: ['scripts/check-security-table.ts'] },
  { name: 'no code from text', args: ['scripts/check-code-from-text.ts'] },
  { name: 'supply chain', args: ['scripts/check-supply-chain.ts'] },
  { name: 'unused code', args: ['node_modules/knip/bin/knip.js'] },
];

/** Runs the checks of the source one after another and says which failed, with what they printed. */
export function runChecks(root: string): { readonly passed: number; readonly failed: number } {
  let failed = 0;
  for (const { name, args } of checks) {
    const [script = '', ...rest] = args;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, script), ...rest], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 32 * 1024 * 1024,
    });
    console.log(`check ${name}: ${status === 0 ? 'passed' : 'FAILED'}`);
    if (status === 0) continue;
    failed += 1;
    console.log(`${stdout}${stderr}`.slice(0, 8000));
  }
  return { passed: checks.length - failed, failed };
}
