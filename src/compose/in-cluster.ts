import { startingEndpoint } from './engine-endpoint.ts';
import { StartProblem } from './start-problem.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

/** The API server of the cluster that this process runs in, by what Kubernetes gives to every pod. */
export interface Cluster {
  readonly namespace: string;
  /** With the token that holds now. */
  readonly api: () => Endpoint;
}

const folder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** `readFile` gives a file's text, or throws. */
export function inCluster(env: Readonly<Record<string, string | undefined>>, readFile: (path: string) => string): Cluster {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (host === undefined || host === '')
    throw new StartProblem('Replicas are to be found by Kubernetes, but this process runs in no cluster (KUBERNETES_SERVICE_HOST is not set).');
  const read = (name: string): string => {
    try {
      return readFile(`${folder}/${name}`).trim();
    } catch {
      throw new StartProblem(
        `Replicas are to be found by Kubernetes, but ${folder}/${name} cannot be read; give the pod a service account whose token is mounted.`,
      );
    }
  };
  const tls = { authorities: `${read('ca.crt')}\n`, client: undefined, serverName: undefined };
  const endpoint: Endpoint = {
    // No id of the configuration has a space in it.
    ...startingEndpoint('kubernetes api'),
    address: { kind: 'url', origin: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`).origin, basePath: '' },
    reach: { tls, proxy: undefined },
  };
  read('token');
  // The mounted token is renewed while the pod runs.
  return { namespace: read('namespace'), api: () => ({ ...endpoint, key: read('token') }) };
}
