/**
 * What `npm test` runs: the checks of the source, then every test over real parts. Prints `N passed, N failed` last,
 * in which each check counts as one. Chromium drives the page's tests; as root it is installed from Debian's
 * packages where it is missing, anybody else is told the one line that installs it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './ensure-chromium.ts';
import { runChecks } from './run-checks.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const only = process.argv.slice(2);

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

function runTests(): Counts {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-tests-'));
  const report = join(folder, 'report.json');
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    spawnSync(process.execPath, [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...only], {
      cwd: root,
      stdio: 'inherit',
    });
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
    if (numPendingTests > 0) console.log(`${numPendingTests} tests were skipped; their reasons stand above.`);
    // A file that cannot be loaded has no failed test in it, and is a failure all the same.
    return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0) };
  } catch (error) {
    console.log(`the tests could not be run: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

ensureChromium();
const checks = only.length > 0 ? { passed: 0, failed: 0 } : runChecks(root);
const tests = runTests();
const failed = checks.failed + tests.failed;
console.log(`${checks.passed + tests.passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
