import { afterEach, expect, test } from 'vitest';
import { createServer } from 'node:http';
import { GaugePoll } from '../../src/upstream/gauge-poll.ts';
import { gaugeEndpoint } from '../../src/upstream/gauge-endpoint.ts';
import { HttpTransport } from '../../src/upstream/http-transport.ts';
import { isAllowedAddress } from '../../src/config/host-reach.ts';
import { sampleCandidate, sampleDeployment, sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import { seededRandom } from '../../src/std/random.ts';
import { startPacedUpstream } from '../support/paced-upstream.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { Candidate } from '../../src/fleet/candidate.ts';
import type { EngineGauges } from '../../src/upstream/read-gauges.ts';

const running: { stop: () => Promise<void> | void }[] = [];

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

type Told = [deploymentId: string, gauges: EngineGauges];

/** Asks these again and again, every 20 ms or so. */
function polling(candidates: readonly Candidate[]): Told[] {
  const limits = { connectTimeoutMs: 500, headerBytes: 16_384, connectionsPerEndpoint: 4, isAllowedAddress };
  const transport = new HttpTransport(limits, systemClock);
  const told: Told[] = [];
  const poll = new GaugePoll(
    {
      clock: systemClock,
      random: seededRandom(1),
      transport,
      candidates: () => candidates,
      told: (id, { running: now, waiting, kvUsed }) => told.push([id, { running: now, waiting, kvUsed }]),
    },
    20,
  );
  poll.start();
  running.push({ stop: () => transport.close() }, poll);
  return told;
}

function place(id: string, origin: string, gauges: string | undefined, key?: string): Candidate {
  const endpoint = sampleEndpoint({ id, address: { kind: 'url', origin, basePath: '/v1' }, gauges, key });
  return sampleCandidate({ endpoint, deployment: sampleDeployment(id) });
}

test('an engine is asked again and again, and what it tells is told of each of its deployments', async () => {
  const upstream = await startPacedUpstream({ ttftMs: 1, tpotMs: 1, tokens: 1 });
  running.push(upstream);
  upstream.metrics = 'vllm:num_requests_running{model_name="m"} 2.0\nvllm:kv_cache_usage_perc 0.5\n';
  const one = place('a', upstream.origin, '/metrics');
  const told = polling([one, { ...one, deployment: { ...one.deployment, id: 'n@a' } }]);
  await expect.poll(() => told.length).toBeGreaterThanOrEqual(4);
  expect(told.slice(0, 2)).toEqual([
    ['m@a', { running: 2, waiting: undefined, kvUsed: 0.5 }],
    ['n@a', { running: 2, waiting: undefined, kvUsed: 0.5 }],
  ]);
  upstream.metrics = 'vllm:num_requests_running 7\n';
  await expect.poll(() => told.at(-1)?.[1].running).toBe(7);
});

test('one that tells nothing that is known is asked ever less, and the others are not', async () => {
  const [silent, talking] = [
    await startPacedUpstream({ ttftMs: 1, tpotMs: 1, tokens: 1 }),
    await startPacedUpstream({ ttftMs: 1, tpotMs: 1, tokens: 1 }),
  ];
  running.push(silent, talking);
  talking.metrics = 'num_requests_waiting 1\n';
  polling([place('silent', silent.origin, '/metrics'), place('talking', talking.origin, '/metrics'), place('none', talking.origin, undefined)]);
  await expect.poll(() => talking.gaugesAsked(), { timeout: 5000 }).toBeGreaterThan(20);
  expect(silent.gaugesAsked()).toBeLessThan(8);
});

test('an answer over 256 KiB, an error and a body that never ends are no gauges, and harm nobody', async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (request.url === '/large') response.end(`${'# x\n'.repeat(100_000)}vllm:num_requests_running 1\n`);
    else if (request.url === '/wrong') response.writeHead(500).end('vllm:num_requests_running 1\n');
    else response.write('vllm:num_requests_running 1\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push({ stop: () => void server.close().closeAllConnections() });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const told = polling(['/large', '/wrong', '/endless'].map((path, index) => place(`e${index}`, origin, path)));
  await expect.poll(() => asked).toBeGreaterThanOrEqual(3);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told).toEqual([]);
});

test('the key goes along to the same origin only, and never to another host', () => {
  const at = (gauges: string): ReturnType<typeof gaugeEndpoint> => gaugeEndpoint(place('a', 'http://10.0.0.7:8000', gauges, 'sk-1').endpoint);
  expect(at('/metrics')).toMatchObject({ key: 'sk-1', address: { origin: 'http://10.0.0.7:8000', basePath: '/metrics' } });
  expect(at('http://10.0.0.7:9090/prometheus/metrics?x=1')).toMatchObject({
    key: undefined,
    address: { origin: 'http://10.0.0.7:9090', basePath: '/prometheus/metrics?x=1' },
  });
});
