import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from './start-error.mjs';
import { runNpm } from './run-npm.mjs';

/** The GPU builds are 60 to 450 MB, so the lockfile replaces them by an empty package; their hashes are pinned here. */
const gpuBuilds = {
  cuda: {
    'linux-x64-cuda': 'sha512-idsE55VoD/FbvLhnBC9krUJaUoC0XnebseAAnCpm/brKf61HEbu+idgbb5eN6mxkjLSrHtILprJ0nDcUJjVrFg==',
    'linux-x64-cuda-ext': 'sha512-1PuURowccBcks3CCoMe1mTHh5vD0V5bFHMUEgtbI/OSDjpP+Pdbn+lf42CGUrepTzR8kCH1HovQ7d8q6/vuIKA==',
  },
  vulkan: {
    'linux-x64-vulkan': 'sha512-flEeSzONQ6OIm5bYKLQf4eEnBzcC5WugFbyPUwkCqyyOFZ8pH0H9ulQ7ZNDLSIczeKneMRJornlyY1Hq7d3GDA==',
  },
};

function listed(folder, pattern) {
  return existsSync(folder) && readdirSync(folder).some((name) => pattern.test(name));
}

/** Which builds this machine can use; `SECOND_SOURCE_GPU` (none, vulkan, cuda) overrules what is seen. */
function usableBuilds() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return [];
  const asked = process.env.SECOND_SOURCE_GPU;
  if (asked !== undefined) return asked.split(',').filter((name) => name in gpuBuilds);
  const builds = [];
  if (existsSync('/proc/driver/nvidia/version')) builds.push('cuda');
  if (listed('/dev/dri', /^renderD/) && ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib'].some((folder) => listed(folder, /^libvulkan\.so/)))
    builds.push('vulkan');
  return builds;
}

/** Adds the llama.cpp build for each GPU of this machine. A failure is told and leaves the CPU build to serve. */
export function installGpuBuilds(root) {
  const scope = join(root, 'node_modules', '@node-llama-cpp');
  const manifest = join(root, 'node_modules', 'node-llama-cpp', 'package.json');
  if (!existsSync(join(root, 'package-lock.json')) || !existsSync(manifest)) return;
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const build of usableBuilds()) {
    for (const [name, integrity] of Object.entries(gpuBuilds[build])) {
      const target = join(scope, name);
      if (existsSync(target) && !lstatSync(target).isSymbolicLink()) continue;
      process.stderr.write(`second-source: installing llama.cpp's ${name} build for this machine's GPU …\n`);
      try {
        installTarball(target, `@node-llama-cpp/${name}@${version}`, integrity);
      } catch (error) {
        if (!(error instanceof StartError)) throw error;
        process.stderr.write(`second-source: ${error.message} The CPU build serves instead.\n`);
        return;
      }
    }
  }
}

function installTarball(target, specifier, integrity) {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-gpu-'));
  try {
    runNpm(folder, ['pack', specifier, '--pack-destination', folder]);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    if (tarball === undefined) throw new StartError(`npm packed nothing for ${specifier}.`);
    const path = join(folder, tarball);
    const digest = `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;
    if (digest !== integrity) throw new StartError(`${specifier} does not have the pinned hash, so it is not installed.`);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    const unpacked = spawnSync('tar', ['-xzf', path, '-C', target, '--strip-components=1'], { encoding: 'utf8' });
    if (unpacked.status === 0) return;
    rmSync(target, { recursive: true, force: true });
    throw new StartError(`${specifier} could not be unpacked (${unpacked.error?.message ?? unpacked.stderr.trim()}).`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
