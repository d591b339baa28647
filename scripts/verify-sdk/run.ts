/**
 * OpenAI's own tests of its Python SDK, through the gateway. They are written for a mock that answers any request in
 * the published shape; here the gateway stands in between, over an endpoint that does so. What differs is listed: what
 * we know and mean, and what we do not. Installs what is missing into `.engines/`. Exit code 0: nothing unknown
 * differs, or skipped with its reason; 1: it could not be run; 3: something unknown differs.
 *
 *   npm run verify:sdk
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviationOf } from './known-deviations.ts';
import { startFillingProxy } from './filling-proxy.ts';
import { installSdk, sdkVersion, type InstalledSdk } from './install-sdk.ts';
import { readReport, type TestOutcome } from './read-report.ts';
import { runTool } from '../verify-engines/run-tool.ts';
import { startProduct } from '../../test/support/start-product.ts';
import { startPublishedUpstream } from './published-upstream.ts';
import type { ConfigInput } from '../../src/config/config-schema.ts';

const suites = ['chat/test_completions.py', 'test_completions.py', 'test_embeddings.py', 'test_models.py', 'test_responses.py', 'responses'];
const models = ['gpt-6-astra', 'gpt-4o', 'gpt-3.5-turbo-instruct', 'text-embedding-3-small'];
const testsTimeoutMs = 300_000;

async function runTests({ python, source }: InstalledSdk): Promise<readonly TestOutcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-verify-sdk-'));
  const upstream = await startPublishedUpstream();
  const config: ConfigInput = {
    listen: { port: 0 },
    storedResponses: { enabled: true },
    endpoints: [{ id: 'published', url: `${upstream.origin}/v1`, models: models.map((name) => ({ name })) }],
    ledger: { directory: join(folder, 'ledger') },
  };
  const file = join(folder, 'second-source.yaml');
  // JSON is YAML, and needs no writer.
  writeFileSync(file, JSON.stringify(config));
  const product = await startProduct(['up', '--config', file]);
  const proxy = await startFillingProxy(product.url);
  try {
    const report = join(folder, 'report.xml');
    const paths = suites.map((suite) => join('tests/api_resources', suite));
    const options = ['-q', '-p', 'no:cacheprovider', '-o', 'addopts=', `--junitxml=${report}`];
    const env = { TEST_API_BASE_URL: `${proxy.url}/v1`, PYTHONDONTWRITEBYTECODE: '1' };
    const ran = await runTool(python, ['-m', 'pytest', ...options, ...paths], { cwd: source, timeoutMs: testsTimeoutMs, env });
    const outcomes = readReport(readTextOr(report, ''));
    // pytest's own exit code says that tests failed, which is what is judged below: without a report nothing ran.
    if (outcomes.length === 0) throw new Error(ran.ok ? 'pytest ran no test' : ran.failure);
    return outcomes;
  } finally {
    await proxy.stop();
    await product.stop();
    await upstream.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function readTextOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

function print(outcomes: readonly TestOutcome[]): number {
  const failed = outcomes.filter(({ result }) => result === 'failed');
  const unknown = failed.filter((outcome) => deviationOf(outcome) === undefined);
  const count = (result: TestOutcome['result']): number => outcomes.filter((outcome) => outcome.result === result).length;
  console.log(`| suite | passed | differ as meant | differ unexpectedly | skipped by themselves |\n|---|---|---|---|---|`);
  for (const suite of new Set(outcomes.map((outcome) => outcome.suite))) {
    const own = outcomes.filter((outcome) => outcome.suite === suite);
    const differing = own.filter(({ result }) => result === 'failed');
    const meant = differing.filter((outcome) => deviationOf(outcome) !== undefined).length;
    const cells = [suite, own.filter(({ result }) => result === 'passed').length, meant, differing.length - meant];
    console.log(`| ${[...cells, own.filter(({ result }) => result === 'skipped').length].join(' | ')} |`);
  }
  console.log('\n| what differs, as meant | tests |\n|---|---|');
  for (const why of new Set(failed.flatMap((outcome) => deviationOf(outcome)?.why ?? []))) {
    console.log(`| ${why} | ${failed.filter((outcome) => deviationOf(outcome)?.why === why).length} |`);
  }
  for (const { suite, name, why } of unknown) console.log(`UNEXPECTED ${suite} ${name}: ${why}`);
  console.log(
    `\nopenai ${sdkVersion} for Python: ${count('passed')} of ${outcomes.length} tests pass, ${failed.length - unknown.length} differ as meant, ${unknown.length} unexpectedly.`,
  );
  return unknown.length === 0 ? 0 : 3;
}

console.log('TypeScript SDK: skipped, because its package on the registry brings no tests.');
const installed = await installSdk();
if (!installed.ok) {
  console.log(`Python SDK: skipped, because it cannot be installed here: ${installed.failure}`);
} else {
  process.exitCode = await runTests(installed.value).then(print, (error: unknown) => {
    console.log(`The tests could not be run: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
