import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { failure, success, type Result } from '../../../src/std/result.ts';
import { peerFolder } from './peer-folder.ts';
import { runTool } from '../../../scripts/verify-engines/run-tool.ts';
import type { Peer } from './peer.ts';

const packageVersion = 'v1.7.0';
const source = fileURLToPath(new URL('./bifrost-front.go', import.meta.url));
const folder = join(peerFolder, `bifrost-${packageVersion}`);
const program = join(folder, 'bifrost-front');
const limits = { cwd: folder, timeoutMs: 900_000 };

/** Bifrost's core, a Go package, under the barest front: its own gateway adds more. */
export const bifrost: Peer = {
  name: 'bifrost',
  does: 'core alone: key, choice over 20, usage',
  slowness: 8,
  bothCores: false,
  path: '/v1/chat/completions',
  headers: () => [],
  prepare: async () => {
    const built = existsSync(program) ? success(program) : await build();
    return built.ok ? success(`Bifrost core ${packageVersion} under a bare front of net/http`) : built;
  },
  command: ({ upstreamPorts, port, key }) => ({
    program,
    args: [String(port), key, upstreamPorts.join(',')],
    // The runtime then plans for the one core that it has.
    env: { GOMAXPROCS: '1' },
    readyTimeoutMs: 20_000,
  }),
};

async function build(): Promise<Result<string, string>> {
  console.log(`building Bifrost core ${packageVersion} …`);
  mkdirSync(folder, { recursive: true });
  const go = await runTool('go', ['version'], limits);
  if (!go.ok) return failure(`it needs Go (${go.failure})`);
  copyFileSync(source, join(folder, 'main.go'));
  writeFileSync(join(folder, 'go.mod'), 'module bifrost-front\n\ngo 1.26\n');
  const got = await runTool('go', ['get', `github.com/maximhq/bifrost/core@${packageVersion}`], limits);
  return got.ok ? runTool('go', ['build', '-o', program, '.'], limits) : got;
}
