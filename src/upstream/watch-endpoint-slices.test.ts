import { expect, onTestFinished, test } from 'vitest';
import { HttpTransport } from './http-transport.ts';
import { makeAuthority } from '../../test/support/certificates.ts';
import { sampleEndpoint } from '../fleet/testing/sample-endpoint.ts';
import { startKubernetesApi, type KubernetesApi, type SliceSample } from '../../test/support/kubernetes-api.ts';
import { systemClock } from '../std/clock.ts';
import { watchEndpointSlices } from './watch-endpoint-slices.ts';

const authority = makeAuthority('Cluster');
const ports = [{ name: 'http', port: 8000 }];
const first: SliceSample = { name: 'vllm-a', addresses: [{ address: '10.0.0.1', ready: true }], ports };
const second: SliceSample = { name: 'vllm-b', addresses: [{ address: '10.0.0.2', ready: true }], ports };

interface Watched {
  readonly api: KubernetesApi;
  /** The hosts that were told last. */
  readonly hosts: () => string;
  readonly failures: readonly string[];
  readonly mount: (token: string) => void;
  readonly stop: () => void;
}

async function watched(options: { readonly ca?: string; readonly token?: string } = {}): Promise<Watched> {
  const api = await startKubernetesApi(authority, 'first-token');
  onTestFinished(api.stop);
  api.list([first]);
  const transport = new HttpTransport(
    { connectTimeoutMs: 1000, headerBytes: 16_384, connectionsPerEndpoint: 8, isAllowedAddress: (_address, allowPrivate) => allowPrivate },
    systemClock,
  );
  onTestFinished(() => transport.close());
  let token = options.token ?? 'first-token';
  const tls = { authorities: options.ca ?? authority.certificate, client: undefined, serverName: undefined };
  const endpoint = sampleEndpoint({ id: 'api', address: { kind: 'url', origin: api.origin, basePath: '' }, reach: { tls, proxy: undefined } });
  let hosts = 'not told';
  const failures: string[] = [];
  const stop = watchEndpointSlices(
    { service: 'vllm', namespace: 'ai', portName: undefined, api: () => ({ ...endpoint, key: token }), againAfterMs: 20 },
    {
      onReplicas: (found) => {
        hosts = found.map(({ host }) => host).join(' ');
      },
      onFailure: (what) => failures.push(what),
    },
    transport,
    systemClock,
  );
  onTestFinished(stop);
  const mount = (given: string): void => {
    token = given;
  };
  return { api, hosts: () => hosts, failures, mount, stop };
}

test('what is listed is told, and each change as it comes', async () => {
  const { api, hosts, failures, stop } = await watched();
  await expect.poll(hosts).toBe('10.0.0.1');
  await expect.poll(api.watches).toBe(1);
  api.change('ADDED', second);
  await expect.poll(hosts).toBe('10.0.0.1 10.0.0.2');
  api.change('MODIFIED', { ...first, addresses: [{ address: '10.0.0.1', ready: false }, { address: '10.0.0.3' }] });
  await expect.poll(hosts).toBe('10.0.0.3 10.0.0.2');
  api.say('{"type":"BOOKMARK","object":{"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{"resourceVersion":"200"}}}');
  api.change('DELETED', second);
  await expect.poll(hosts).toBe('10.0.0.3');
  expect(failures).toEqual([]);
  const selector = 'labelSelector=kubernetes.io%2Fservice-name%3Dvllm';
  expect(api.seen).toEqual([
    `GET /apis/discovery.k8s.io/v1/namespaces/ai/endpointslices?${selector}`,
    `GET /apis/discovery.k8s.io/v1/namespaces/ai/endpointslices?${selector}&watch=1&allowWatchBookmarks=true&timeoutSeconds=240&resourceVersion=101`,
  ]);
  stop();
  await expect.poll(api.watches).toBe(0);
});

test('when a watch ends, everything is listed anew, so that nothing that was missed stays so', async () => {
  const { api, hosts } = await watched();
  await expect.poll(api.watches).toBe(1);
  api.list([second]);
  api.endWatches();
  await expect.poll(hosts).toBe('10.0.0.2');
});

test.each([
  ['a version that is too old', '{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","code":410,"reason":"Expired"}}'],
  ['something that is no event', 'x{'],
])('after %s everything is listed anew', async (_what, line) => {
  const { api, hosts } = await watched();
  await expect.poll(api.watches).toBe(1);
  api.list([second]);
  api.say(line);
  await expect.poll(hosts).toBe('10.0.0.2');
  await expect.poll(api.watches).toBe(1);
});

test('a token that was renewed is read anew, and one that is refused is told', async () => {
  const { api, hosts, failures, mount } = await watched({ token: 'wrong' });
  await expect.poll(() => failures.length).toBeGreaterThan(0);
  expect(failures[0]).toBe('the API server answers 403: the service account may not list and watch EndpointSlices');
  expect(hosts()).toBe('not told');
  mount('second-token');
  api.allow('second-token');
  await expect.poll(hosts).toBe('10.0.0.1');
});

test('an API server of another authority is not believed', async () => {
  const { api, hosts, failures } = await watched({ ca: makeAuthority('Other').certificate });
  await expect.poll(() => failures.length).toBeGreaterThan(0);
  expect(failures[0]).toContain('the API server cannot be asked');
  expect(hosts()).toBe('not told');
  expect(api.seen).toEqual([]);
});

test('an API server that is gone for a while leaves what was found, and is asked again', async () => {
  const { api, hosts, failures } = await watched();
  await expect.poll(api.watches).toBe(1);
  await api.stop();
  await expect.poll(() => failures.length).toBeGreaterThan(2);
  expect(hosts()).toBe('10.0.0.1');
});
