import { Resolver } from 'node:dns/promises';
import { expect, onTestFinished, test } from 'vitest';
import { dnsReplicas, type DnsPlace } from './dns-replicas.ts';
import { startDnsServer, type DnsAnswer } from '../../test/support/dns-server.ts';

async function found(place: DnsPlace, answers: Readonly<Record<string, DnsAnswer>>): Promise<unknown> {
  const service = await startDnsServer((name) => answers[name] ?? 'no-such-name');
  onTestFinished(service.stop);
  const resolver = new Resolver({ timeout: 100, tries: 1 });
  resolver.setServers([service.server]);
  const result = await dnsReplicas(place, resolver);
  return result.ok ? result.value : result.failure;
}

const place: DnsPlace = { kind: 'address', name: 'vllm.example', port: 8000 };

test('each address of a name is a replica, of both families', async () => {
  const records: DnsAnswer = [
    { type: 'A', address: '10.0.0.1' },
    { type: 'A', address: '10.0.0.2' },
    { type: 'AAAA', address: 'fd00:0:0:0:0:0:0:1' },
  ];
  expect(await found(place, { 'vllm.example': records })).toEqual([
    { host: '10.0.0.1', port: 8000 },
    { host: '10.0.0.2', port: 8000 },
    { host: 'fd00::1', port: 8000 },
  ]);
});

test('an SRV record gives name and port of each', async () => {
  const records: DnsAnswer = [
    { type: 'SRV', target: 'a.example', port: 8001 },
    { type: 'SRV', target: 'b.example', port: 8002 },
  ];
  expect(await found({ kind: 'srv', name: '_http._tcp.example' }, { '_http._tcp.example': records })).toEqual([
    { host: 'a.example', port: 8001 },
    { host: 'b.example', port: 8002 },
  ]);
});

test('a name that stands for nothing gives none', async () => {
  expect(await found(place, {})).toEqual([]);
  expect(await found(place, { 'vllm.example': [] })).toEqual([]);
});

test.each([
  ['broken', 'ESERVFAIL'],
  ['silent', 'ETIMEOUT'],
] as const)('a name service that is %s is no word on the replicas', async (answer, code) => {
  expect(await found(place, { 'vllm.example': answer })).toBe(`the name service gives no answer (${code})`);
});
