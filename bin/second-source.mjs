#!/usr/bin/env node
// The one entry: plain JavaScript without dependencies, because it runs before anything is installed and on an
// older Node (18 and newer). It installs what the lockfile says, finds Node 24, builds what is stale, and hands over.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { StartError } from './bootstrap/start-error.mjs';
import { installDependencies } from './bootstrap/install-dependencies.mjs';
import { installGpuBuilds } from './bootstrap/install-gpu-builds.mjs';
import { findNode } from './bootstrap/find-node.mjs';
import { buildWeb } from './bootstrap/build-web.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What each first word runs, and whether it needs the tools of development and the page. */
function planFor(argv) {
  const [word, ...rest] = argv;
  if (word === 'start') return { develop: false, page: true, args: [join(root, 'src/cli/main.ts'), 'up', ...(rest.length > 0 ? rest : ['--demo'])] };
  if (word === 'test') return { develop: true, page: true, args: [join(root, 'scripts/test.ts'), ...rest] };
  if (word === 'check') return { develop: true, page: false, args: [join(root, 'scripts/check.ts'), ...rest] };
  if (word === 'run') return { develop: true, page: true, args: rest };
  return { develop: false, page: word === 'up', args: [join(root, 'src/cli/main.ts'), ...argv] };
}

/** The same as in src/std/node-flags.ts, which says why. */
const nodeFlags = ['--disable-warning=ExperimentalWarning', '--disable-proto=delete'];

/** Runs to the end of the child. Signals from a terminal reach the whole group, so here they are only outlived. */
function handOver(node, args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true' };
    const child = spawn(node, [...nodeFlags, ...args], { stdio: 'inherit', env });
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

try {
  const plan = planFor(process.argv.slice(2));
  installDependencies(root, plan.develop);
  installGpuBuilds(root);
  const node = findNode(root);
  if (plan.page) buildWeb(root, node);
  process.exitCode = await handOver(node, plan.args);
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`second-source: ${error.message}\n`);
  process.exitCode = 1;
}
