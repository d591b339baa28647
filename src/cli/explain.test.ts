import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ownGateway } from '../admin/internal/own-gateway.ts';
import { postRaw } from '../../test/support/read-answer.ts';
import { runCaptured, type Captured } from './testing/run-captured.ts';
import { startPacedUpstream } from '../../test/support/paced-upstream.ts';
import { startTestControl } from '../../test/support/test-control.ts';
import { startTestGateway, type TestGateway } from '../../test/support/test-gateway.ts';

interface Started {
  readonly gate: TestGateway;
  readonly run: (argv: readonly string[]) => Promise<Captured>;
}

/** A gateway with the endpoints `a` and `b`, and its control API. */
async function started(): Promise<Started> {
  const upstream = await startPacedUpstream({ ttftMs: 1, tpotMs: 1, tokens: 3 });
  onTestFinished(upstream.stop);
  const classes = new Map([['agent', { name: 'agent', totalMs: 1000, degradeTo: new Map([['big', 'm']]) }]]);
  const gate = await startTestGateway(
    ['a', 'b'].map((id) => ({ id, origin: upstream.origin })),
    { routing: { rules: { classes } } },
  );
  onTestFinished(gate.stop);
  const control = await startTestControl(ownGateway(gate.context));
  onTestFinished(control.stop);
  return { gate, run: (argv) => runCaptured(argv, { env: { SECOND_SOURCE_CONTROL: control.url } }) };
}

test('a question to a model is explained without being sent: every endpoint with what is expected of it', async () => {
  const { gate, run } = await started();
  const { code, stdout, stderr } = await run(['explain', '--model', 'm']);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^m: [ab]\.\n$/)]);
  expect(stdout).toMatch(/^ENDPOINT +VENDOR +VERDICT +TTFT +TPOT +USD +BASIS +WHY\n/);
  expect(stdout.match(/^[ab] .*(chosen|passed-over).* ms .*nothing known/gm)).toHaveLength(2);
  expect(gate.ledger.health()).toBeDefined();
  expect(gate.charges).toEqual([]);
});

test('a request that asked for it is explained by its id, from a file too, and one that did not is not', async () => {
  const { gate, run } = await started();
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], provider: { ignore: ['b'] } });
  const asked = await postRaw(`${gate.url}/v1/chat/completions`, body, { 'x-second-source-explain': '1' });
  const told = JSON.parse((await run(['explain', '--request', String(asked.headers['x-request-id']), '--json'])).stdout);
  expect(told.choices[0].candidates.map(({ endpointId, verdict }: { endpointId: string; verdict: string }) => `${endpointId} ${verdict}`)).toEqual([
    'a chosen',
    'b left-out',
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'explain-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'body.json'), body);
  expect((await run(['explain', join(folder, 'body.json')])).stdout).toMatch(/^b +b-vendor +left-out .*`provider\.ignore` leaves it out/m);
  const silent = await postRaw(`${gate.url}/v1/chat/completions`, body);
  const unknown = await run(['explain', '--request', String(silent.headers['x-request-id'])]);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('asked to be explained')]);
});

test('a class is taken for its own, with what stands in for a model that nobody has', async () => {
  const { run } = await started();
  const { stderr } = await run(['explain', '--model', 'big', '--slo', 'agent']);
  expect(stderr).toMatch(/^big: nobody \(unknown-model\)\.\nm: [ab]\.\n$/);
  expect(await run(['explain', '--model', 'm', '--slo', 'quick'])).toMatchObject({ code: 1, stderr: expect.stringContaining('It is one of agent.') });
  expect((await run(['explain'])).code).toBe(2);
  expect(await run(['explain', '/no/such.json'])).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read as JSON') });
});
