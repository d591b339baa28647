import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { debianProgram } from './debian-program.ts';
import type { Peer } from './peer.ts';

/** Debian's HAProxy with one thread: keep-alive to 20 upstreams in turn, a key compared, no log. */
export const haproxy: Peer = {
  name: 'haproxy',
  does: 'key, 20 upstreams in turn, no log',
  slowness: 1,
  bothCores: false,
  path: '/v1/chat/completions',
  headers: () => [],
  prepare: () => debianProgram('haproxy', 'haproxy', ['-v']),
  command: ({ upstreamPorts, port, key, folder }) => {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(
      file,
      [
        'global',
        '  nbthread 1',
        '  maxconn 9500',
        'defaults',
        '  mode http',
        '  option http-no-delay',
        '  http-reuse always',
        '  balance roundrobin',
        '  timeout connect 5s',
        '  timeout client 300s',
        '  timeout server 300s',
        'listen gateway',
        `  bind 127.0.0.1:${port} backlog 4096`,
        '  maxconn 9500',
        `  http-request deny deny_status 401 unless { req.hdr(authorization) "Bearer ${key}" }`,
        ...upstreamPorts.map((upstream, index) => `  server endpoint${index} 127.0.0.1:${upstream}`),
        '',
      ].join('\n'),
    );
    return { program: 'haproxy', args: ['-db', '-f', file], env: {}, readyTimeoutMs: 10_000 };
  },
};
