import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

export const chromiumPath = '/usr/bin/chromium';
const installLine = 'apt-get update && apt-get install -y --no-install-recommends chromium';

/** Sees to it that the browser is there that drives the page's tests; without it those tests say why they are skipped. */
export function ensureChromium(): void {
  if (existsSync(chromiumPath)) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.log(`Chromium is not installed, so the page's tests are skipped. To run them: sudo sh -c '${installLine}'`);
    return;
  }
  console.log(`Installing Debian's chromium for the page's tests (${installLine}) …`);
  const installed = spawnSync('sh', ['-c', installLine], { encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (installed.status !== 0)
    console.log(`Chromium could not be installed, so the page's tests are skipped:\n${(installed.stderr || installed.stdout).slice(-1000)}`);
}
