import { Resolver } from 'node:dns/promises';
import { expect, onTestFinished, test } from 'vitest';
import { chunk, event, jsonResponse, lastChunk, startScriptedUpstream, streamHead, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { discoverEndpoints, type DiscoverySurroundings } from '../../src/compose/discover-endpoints.ts';
import { gatewayOver } from '../support/started.ts';
import { HttpTransport } from '../../src/upstream/http-transport.ts';
import { inCluster } from '../../src/compose/in-cluster.ts';
import { KeyPools } from '../../src/policy/key-pools.ts';
import { defaultHealthRules } from '../../src/policy/health-rules.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { makeAuthority } from '../support/certificates.ts';
import { startDnsServer, type DnsAnswer, type DnsServer } from '../support/dns-server.ts';
import { startHeldUpstream } from '../support/held-upstream.ts';
import { startKubernetesApi, type SliceSample } from '../support/kubernetes-api.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { TestGateway } from '../support/test-gateway.ts';

const answer = (text: string): string =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });

/** A replica that tells its models, and says its own name. */
async function replica(name: string): Promise<{ readonly upstream: ScriptedUpstream; readonly port: number }> {
  const models = JSON.stringify({ object: 'list', data: [{ id: 'm', object: 'model' }] });
  const upstream = await startScriptedUpstream(({ path }) => ({
    pieces: [jsonResponse(200, path === '/v1/models' ? models : answer(name))],
    end: 'keep',
  }));
  onTestFinished(upstream.stop);
  return { upstream, port: Number(new URL(upstream.origin).port) };
}

interface Discovered {
  readonly gate: TestGateway;
  readonly said: readonly string[];
  readonly gone: readonly string[];
  /** The ids of all endpoints with their states, in order. */
  readonly endpoints: () => readonly string[];
}

async function discovered(yaml: string, around: Partial<DiscoverySurroundings>): Promise<Discovered> {
  const gate = await gatewayOver([]);
  const config = loadConfig('c.yaml', {}, () => yaml);
  if (!config.ok) throw new Error(config.failure.map(({ what }) => what).join('\n'));
  const transport = new HttpTransport(
    { connectTimeoutMs: 1000, headerBytes: 16_384, connectionsPerEndpoint: 8, isAllowedAddress: (_address, allowPrivate) => allowPrivate },
    systemClock,
  );
  onTestFinished(() => transport.close());
  const said: string[] = [];
  const gone: string[] = [];
  const say = (message: string): void => void said.push(message);
  const stop = await discoverEndpoints(config.value.endpoints, {
    fleet: gate.fleet,
    keys: new KeyPools(defaultHealthRules, Math.random, say),
    transport,
    clock: systemClock,
    say,
    records: new Resolver(),
    cluster: () => inCluster({}, () => ''),
    whenGone: (id) => gone.push(id),
    allowsLoopback: true,
    ...around,
  });
  onTestFinished(stop);
  const endpoints = (): readonly string[] => gate.fleet.status().map(({ id, state }) => `${id} ${state}`);
  return { gate, said, gone, endpoints };
}

async function ask({ url }: TestGateway): Promise<string> {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return response.ok ? (/"content":"([^"]*)"/.exec(await response.text())?.[1] ?? '') : String(response.status);
}

async function nameService(answers: () => DnsAnswer): Promise<{ readonly service: DnsServer; readonly records: Resolver }> {
  const service = await startDnsServer((name) => (name === '_http._tcp.vllm.example' ? answers() : 'no-such-name'));
  onTestFinished(service.stop);
  const records = new Resolver({ timeout: 200, tries: 1 });
  records.setServers([service.server]);
  return { service, records };
}

const srv = (...ports: readonly number[]): DnsAnswer => ports.map((port) => ({ type: 'SRV', target: 'localhost', port }));
const bySrv = 'endpoints:\n  - {id: vllm, url: "http://vllm.example", allowPrivate: true, discover: {srv: _http._tcp.vllm.example, everyMs: 500}}\n';

test('each replica that DNS names is an endpoint of its own, comes and goes, and a silent name service changes nothing', async () => {
  const [one, two] = [await replica('one'), await replica('two')];
  let answers: DnsAnswer = srv(one.port);
  const { service, records } = await nameService(() => answers);
  const { gate, said, gone, endpoints } = await discovered(bySrv, { records });
  expect(endpoints()).toEqual([expect.stringMatching(new RegExp(`^vllm-[0-9a-f]{16}-${one.port} ready$`))]);
  expect(await ask(gate)).toBe('one');
  answers = srv(one.port, two.port);
  await expect.poll(endpoints).toHaveLength(2);
  await expect.poll(() => gate.fleet.status().map(({ models }) => models)).toEqual([['m'], ['m']]);
  expect(new Set([await ask(gate), await ask(gate)])).toEqual(new Set(['one', 'two']));
  answers = 'silent';
  const asked = service.questions();
  await expect.poll(service.questions).toBeGreaterThan(asked + 1);
  expect(endpoints()).toHaveLength(2);
  answers = srv(two.port);
  await expect.poll(endpoints).toHaveLength(1);
  expect([await ask(gate), await ask(gate)]).toEqual(['two', 'two']);
  expect(gone).toHaveLength(1);
  expect(said).toContain('endpoint vllm has 2 replicas (1 new).');
  expect(said).toContain('endpoint vllm has 1 replica (1 gone).');
  expect(said.filter((line) => line.includes('could not be looked for'))).toHaveLength(1);
});

test('a name that suddenly stands for nothing is believed the third time, and the model stays known without a replica', async () => {
  const one = await replica('one');
  let answers: DnsAnswer = srv(one.port);
  const { service, records } = await nameService(() => answers);
  const { gate, endpoints } = await discovered(bySrv, { records });
  const before = service.questions();
  answers = 'no-such-name';
  await expect.poll(service.questions).toBeGreaterThan(before);
  expect(await ask(gate)).toBe('one');
  await expect.poll(endpoints).toEqual(['vllm down']);
  expect(service.questions()).toBeGreaterThanOrEqual(before + 3);
  answers = srv(one.port);
  await expect.poll(() => ask(gate)).toBe('one');
  expect(endpoints()).toHaveLength(1);
});

test('addresses that are not allowed are left out, and no replica at all is told as 503 where the models are declared', async () => {
  const service = await startDnsServer(() => [
    { type: 'A', address: '169.254.169.254' },
    { type: 'A', address: '10.0.0.1' },
  ]);
  onTestFinished(service.stop);
  const records = new Resolver({ timeout: 200, tries: 1 });
  records.setServers([service.server]);
  const yaml = 'endpoints:\n  - {id: a, url: "https://vllm.example", discover: {dns: vllm.example}, models: [{name: m}]}\n';
  const { gate, endpoints } = await discovered(yaml, { records });
  expect(endpoints()).toEqual(['a down']);
  expect(gate.fleet.status()[0]?.lastFault?.what).toBe('2 replicas at addresses that are not allowed');
  expect(await ask(gate)).toBe('503');
});

const authority = makeAuthority('Cluster');

function slice(name: string, port: number, ready = true): SliceSample {
  return { name, addresses: [{ address: '127.0.0.1', ready }], ports: [{ name: 'http', port }] };
}

test('a pod that leaves the Service gets nothing new, and its running stream goes on to its end', async () => {
  const api = await startKubernetesApi(authority, 'token');
  onTestFinished(api.stop);
  const held = await startHeldUpstream();
  onTestFinished(held.stop);
  const other = await replica('other');
  const heldSlice = slice('vllm-a', Number(new URL(held.origin).port));
  api.list([heldSlice]);
  const { hostname, port } = new URL(api.origin);
  const mounted: Readonly<Record<string, string>> = { 'ca.crt': authority.certificate, token: 'token\n', namespace: 'ai' };
  const cluster = inCluster(
    { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    (path) => mounted[path.slice(path.lastIndexOf('/') + 1)] ?? '',
  );
  const yaml = 'endpoints:\n  - {id: pods, url: "http://vllm.ai.svc", discover: {kubernetes: {service: vllm}, everyMs: 500}, models: [{name: m}]}\n';
  const { gate, gone, endpoints } = await discovered(yaml, { cluster: () => cluster });
  expect(endpoints()).toEqual([`pods-127.0.0.1-${new URL(held.origin).port} ready`]);
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] });
  const response = fetch(`${gate.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const call = await held.next();
  const said = (delta: object, reason: string | null = null): string =>
    chunk(
      event(
        JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: reason }] }),
      ),
    );
  await call.write(streamHead + said({ role: 'assistant', content: 'before' }));
  const streaming = await response;
  await expect.poll(api.watches).toBe(1);
  api.change('ADDED', slice('vllm-b', other.port));
  api.change('MODIFIED', { ...heldSlice, addresses: [{ address: '127.0.0.1', ready: false }] });
  await expect.poll(() => gate.fleet.status().filter(({ state }) => state === 'ready')).toHaveLength(1);
  expect([await ask(gate), await ask(gate)]).toEqual(['other', 'other']);
  expect(gone).toEqual([]);
  await call.write(said({ content: 'after' }) + said({}, 'stop') + chunk(event('[DONE]')) + lastChunk);
  expect(await streaming.text()).toMatch(/before[\s\S]*after[\s\S]*\[DONE\]/);
  await expect.poll(() => gone).toEqual([`pods-127.0.0.1-${new URL(held.origin).port}`]);
  expect(endpoints()).toEqual([`pods-127.0.0.1-${other.port} ready`]);
});

test('outside a cluster, and without a mounted token, there is one sentence to say so', async () => {
  const nothing = (): string => {
    throw new Error('no such file');
  };
  expect(() => inCluster({}, nothing)).toThrow(/runs in no cluster/);
  expect(() => inCluster({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, nothing)).toThrow(/ca\.crt cannot be read/);
});
