import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { debianProgram } from './debian-program.ts';
import type { Peer } from './peer.ts';

/** Debian's nginx as a reverse proxy: keep-alive to 20 upstreams in turn, nothing buffered, a key compared, no access log. */
export const nginx: Peer = {
  name: 'nginx',
  does: 'key, 20 upstreams in turn, no log',
  slowness: 1,
  bothCores: false,
  path: '/v1/chat/completions',
  headers: () => [],
  prepare: () => debianProgram('nginx', 'nginx-light', ['-v']),
  command: ({ upstreamPorts, port, key, folder }) => {
    const file = join(folder, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `  ${what}_temp_path ${join(folder, what)};`);
    writeFileSync(
      file,
      [
        'daemon off;',
        'worker_processes 1;',
        'worker_rlimit_nofile 20000;',
        `pid ${join(folder, 'nginx.pid')};`,
        'events { worker_connections 19000; }',
        'http {',
        '  access_log off;',
        '  keepalive_requests 100000000;',
        '  tcp_nodelay on;',
        ...temporary,
        '  upstream endpoints {',
        ...upstreamPorts.map((upstream) => `    server 127.0.0.1:${upstream};`),
        '    keepalive 512;',
        '    keepalive_requests 100000000;',
        '  }',
        '  server {',
        `    listen 127.0.0.1:${port} backlog=4096;`,
        '    location / {',
        `      if ($http_authorization != "Bearer ${key}") { return 401; }`,
        '      proxy_pass http://endpoints;',
        '      proxy_http_version 1.1;',
        '      proxy_set_header Connection "";',
        '      proxy_buffering off;',
        '      proxy_request_buffering off;',
        '      proxy_read_timeout 300s;',
        '    }',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
    return { program: 'nginx', args: ['-c', file, '-e', join(folder, 'error.log')], env: {}, readyTimeoutMs: 10_000 };
  },
};
