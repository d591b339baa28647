/**
 * The own tests of OpenAI's and Anthropic's Python SDKs, through the gateway. They are written for a mock that answers any request in
 * the published shape; here the gateway stands in between, over an endpoint that does so. What differs is listed: what
 * we know and mean, and what we do not. Installs what is missing into `.engines/`. Exit code 0: nothing unknown
 * differs, or skipped with its reason; 1: it could not be run; 3: something unknown differs.
 *
 *   npm run verify:sdk -- [--only=openai|anthropic]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviationOf } from './known-deviations.ts';
import { startFillingProxy } from './filling-proxy.ts';
import { installSdk, type InstalledSdk } from './install-sdk.ts';
import { publishedSdks, type PublishedSdk } from './published-sdks.ts';
import { readReport, type TestOutcome } from './read-report.ts';
import { runTool } from '../verify-engines/run-tool.ts';
import { startProduct } from '../../test/support/start-product.ts';
import { startPublishedUpstream } from './published-upstream.ts';
import type { ConfigInput } from '../../src/config/config-schema.ts';

const testsTimeoutMs = 300_000;

async function runTests(sdk: PublishedSdk, { python, source }: InstalledSdk): Promise<readonly TestOutcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-verify-sdk-'));
  const upstream = await startPublishedUpstream();
  const config: ConfigInput = {
    listen: { port: 0 },
    storedResponses: { enabled: true },
    endpoints: [{ id: 'published', url: `${upstream.origin}/v1`, models: sdk.models.map((name) => ({ name })) }],
    ledger: { directory: join(folder, 'ledger') },
  };
  const file = join(folder, 'second-source.yaml');
  // JSON is YAML, and needs no writer.
  writeFileSync(file, JSON.stringify(config));
  const product = await startProduct(['up', '--config', file]);
  const proxy = await startFillingProxy(product.url);
  try {
    const report = join(folder, 'report.xml');
    const paths = sdk.suites.map((suite) => join('tests/api_resources', suite));
    const options = ['-q', '-p', 'no:cacheprovider', '-o', 'addopts=', `--junitxml=${report}`, ...sdk.pytestOptions];
    const env = { TEST_API_BASE_URL: `${proxy.url}${sdk.basePath}`, PYTHONDONTWRITEBYTECODE: '1' };
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

function print(sdk: PublishedSdk, outcomes: readonly TestOutcome[]): number {
  const failed = outcomes.filter(({ result }) => result === 'failed');
  const unknown = failed.filter((outcome) => deviationOf(outcome) === undefined);
  const count = (result: TestOutcome['result']): number => outcomes.filter((outcome) => outcome.result === result).length;
  console.log(`\n${sdk.package} ${sdk.version} for Python\n`);
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
  const told = `${count('passed')} of ${outcomes.length} tests pass, ${failed.length - unknown.length} differ as meant, ${unknown.length} unexpectedly`;
  console.log(`\n${sdk.package} ${sdk.version} for Python: ${told}.`);
  return unknown.length === 0 ? 0 : 3;
}

/** The exit code of one SDK's tests. */
async function verify(sdk: PublishedSdk): Promise<number> {
  const installed = await installSdk(sdk);
  if (!installed.ok) {
    console.log(`${sdk.package} for Python: skipped, because it cannot be installed here: ${installed.failure}`);
    return 0;
  }
  return runTests(sdk, installed.value).then(
    (outcomes) => print(sdk, outcomes),
    (error: unknown) => {
      console.log(`The tests of ${sdk.package} could not be run: ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    },
  );
}

/** Refuses what it does not know before it installs anything. */
function chosenSdks(): readonly PublishedSdk[] | undefined {
  try {
    const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
    const chosen = publishedSdks.filter((sdk) => only === undefined || sdk.package === only);
    return chosen.length === 0 ? undefined : chosen;
  } catch {
    return undefined;
  }
}

const chosen = chosenSdks();
if (chosen === undefined) {
  console.error(`The only option is --only=${publishedSdks.map((sdk) => sdk.package).join('|')}.`);
  process.exit(2);
}
console.log('The TypeScript SDKs: skipped, because their packages on the registry bring no tests.');
const codes: number[] = [];
for (const sdk of chosen) codes.push(await verify(sdk));
process.exitCode = codes.find((code) => code === 1) ?? Math.max(...codes);
