import { createServer } from 'node:https';
import type { Authority } from './certificates.ts';
import type { ServerResponse } from 'node:http';

/** An EndpointSlice as the API gives it (kubernetes.io, EndpointSlice v1), of which a test says what matters to it. */
export interface SliceSample {
  readonly name: string;
  readonly addresses: readonly { readonly address: string; readonly ready?: boolean | null }[];
  readonly ports: readonly { readonly name: string; readonly port: number | null }[];
  readonly addressType?: string;
}

export interface KubernetesApi {
  readonly origin: string;
  /** Method and target of each request. */
  readonly seen: readonly string[];
  /** Watches that run now. */
  readonly watches: () => number;
  /** Sets what is listed from now on, without telling those who watch. */
  readonly list: (slices: readonly SliceSample[]) => void;
  /** Tells those who watch, and changes the list as well. */
  readonly change: (type: 'ADDED' | 'MODIFIED' | 'DELETED', slice: SliceSample) => void;
  /** Sends a line to those who watch, as it is. */
  readonly say: (line: string) => void;
  /** Ends all watches properly, as the server does when their time is up. */
  readonly endWatches: () => void;
  /** Only this token is let in. */
  readonly allow: (token: string) => void;
  readonly stop: () => Promise<void>;
}

/** An API server that knows the EndpointSlices of one Service, over HTTPS on loopback. */
export async function startKubernetesApi(authority: Authority, token: string): Promise<KubernetesApi> {
  const { certificate: cert, key } = authority.issue(['127.0.0.1']);
  const seen: string[] = [];
  const watching = new Set<ServerResponse>();
  let slices: readonly SliceSample[] = [];
  let allowed = token;
  let version = 100;
  const server = createServer({ cert, key }, (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (request.headers.authorization !== `Bearer ${allowed}`) {
      response.writeHead(403, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 }));
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    const url = new URL(request.url ?? '', 'https://api');
    if (url.searchParams.get('watch') !== '1') {
      const items = slices.map((slice) => written(slice, version));
      const list = { kind: 'EndpointSliceList', apiVersion: 'discovery.k8s.io/v1', metadata: { resourceVersion: String(version) }, items };
      return void response.end(JSON.stringify(list));
    }
    response.flushHeaders();
    watching.add(response);
    response.on('close', () => watching.delete(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const say = (line: string): void => {
    for (const response of watching) response.write(`${line}\n`);
  };
  return {
    origin: `https://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    seen,
    watches: () => watching.size,
    list: (given) => {
      slices = given;
      version += 1;
    },
    change: (type, slice) => {
      version += 1;
      slices = [...slices.filter(({ name }) => name !== slice.name), ...(type === 'DELETED' ? [] : [slice])];
      say(JSON.stringify({ type, object: written(slice, version) }));
    },
    say,
    endWatches: () => {
      for (const response of watching) response.end();
    },
    allow: (given) => {
      allowed = given;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function written({ name, addresses, ports, addressType = 'IPv4' }: SliceSample, version: number): unknown {
  return {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { name, namespace: 'ai', resourceVersion: String(version), labels: { 'kubernetes.io/service-name': 'vllm' } },
    addressType,
    endpoints: addresses.map(({ address, ready }, index) => ({
      addresses: [address],
      conditions: ready === undefined ? {} : { ready, serving: ready, terminating: ready === false },
      targetRef: { kind: 'Pod', namespace: 'ai', name: `${name}-${index}` },
      nodeName: 'node-1',
    })),
    ports: ports.map((port) => ({ ...port, protocol: 'TCP' })),
  };
}
