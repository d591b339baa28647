import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peerFolder } from './peer-folder.ts';
import { runTool } from '../../../scripts/verify-engines/run-tool.ts';
import { success } from '../../../src/std/result.ts';
import type { Peer } from './peer.ts';

const packageVersion = '1.15.2';
/** Its published package lets these two float, and does not stream with what they are today. */
const overrides = { hono: '4.9.7', '@hono/node-server': '1.13.5' };
const packages = [`@portkey-ai/gateway@${packageVersion}`, ...Object.entries(overrides).map(([name, version]) => `${name}@${version}`)];
const folder = join(peerFolder, 'portkey');
const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
const installTimeoutMs = 300_000;

/** Portkey's gateway on the Node that we run on, told by header to balance over 20 endpoints. It has no key of its own to check. */
export const portkey: Peer = {
  name: 'portkey',
  does: 'no key check, choice over 20 by header',
  slowness: 50,
  bothCores: false,
  path: '/v1/chat/completions',
  headers: (upstreamPorts) => [
    `x-portkey-config: ${JSON.stringify({
      strategy: { mode: 'loadbalance' },
      targets: upstreamPorts.map((port) => ({ provider: 'openai', api_key: 'none', custom_host: `http://127.0.0.1:${port}/v1` })),
    })}`,
  ],
  prepare: async () => {
    if (!existsSync(program)) {
      console.log(`installing ${packages.join(', ')} …`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, overrides }));
      const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages];
      const installed = await runTool('npm', args, { cwd: folder, timeoutMs: installTimeoutMs });
      if (!installed.ok) return installed;
    }
    return success(`${packages.join(', ')}, Node ${process.version}`);
  },
  command: ({ port }) => ({
    program: process.execPath,
    args: [program, `--port=${port}`, '--headless'],
    env: { TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost', NODE_ENV: 'production' },
    readyTimeoutMs: 30_000,
  }),
};
