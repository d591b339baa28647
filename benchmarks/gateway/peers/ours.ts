import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { success } from '../../../src/std/result.ts';
import type { ConfigInput } from '../../../src/config/config-schema.ts';
import type { Peer } from './peer.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The gateway as an operator starts it, with everything on: a key, choice over 20 deployments of one model, continuation
 * armed by equal weights and declared prefill, the ledger as it comes. Only what bounds the number of clients is raised.
 */
export const ours: Peer = {
  name: 'ours',
  does: 'key with limits and a budget, prediction and a cap over 20 deployments of two vendors, health, continuation armed, usage, ledger',
  slowness: 2,
  bothCores: false,
  path: '/v1/chat/completions',
  headers: () => [],
  prepare: async () => {
    const commit = execFileSync('git', ['-C', root, 'describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
    return success(`second-source ${commit}, Node ${process.version}`);
  },
  command: (asked) => up(asked, 1),
};

/** The same in two processes on one port. */
export const oursTwice: Peer = {
  ...ours,
  name: 'ours-2',
  does: 'the same in two processes on one port',
  bothCores: true,
  command: (asked) => up(asked, 2),
};

function up({ upstreamPorts, port, key, folder }: Parameters<Peer['command']>[0], processes: number): ReturnType<Peer['command']> {
  const file = join(folder, 'second-source.yaml');
  writeFileSync(join(folder, 'key'), key);
  const config: ConfigInput = {
    processes,
    listen: { port, keys: [`file:${join(folder, 'key')}`] },
    endpoints: upstreamPorts.map((upstream, index) => ({
      id: `endpoint${index}`,
      url: `http://127.0.0.1:${upstream}/v1`,
      silicon: index % 2 === 0 ? { vendor: 'nvidia', chip: 'H100 SXM' } : { vendor: 'amd', chip: 'MI325X' },
      prefill: { form: 'continue-final-message', repeats: false },
      models: [{ name: 'm', weights: 'sha256:benchmark', price: { inputUsdPerMtok: 1, outputUsdPerMtok: 2 } }],
    })),
    // A load that is meant to be too much must not be answered with 503.
    limits: { concurrentRequests: 20_000, eventLoopLagMs: 60_000 },
    caps: [{ id: 'no-monopoly', vendor: 'nvidia', mostPercent: 60 }],
    ledger: { directory: join(folder, 'ledger') },
    // The port after that of the API may be somebody else's.
    control: { port: 0 },
    // What an operator sets for a key and for all together; nobody comes near it.
    budgets: {
      whole: { usdPerMonth: 1_000_000 },
      eachKey: { requestsPerMinute: 100_000_000, tokensPerMinute: 1_000_000_000_000, concurrentRequests: 100_000 },
    },
  };
  // Every JSON text is YAML too.
  writeFileSync(file, JSON.stringify(config));
  const args = ['--disable-warning=ExperimentalWarning', join(root, 'src/cli/main.ts'), 'up', '--config', file];
  return { program: process.execPath, args, env: { NO_COLOR: '1' }, readyTimeoutMs: 30_000 };
}
