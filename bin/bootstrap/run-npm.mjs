import { spawnSync } from 'node:child_process';
import { StartError } from './start-error.mjs';

const unreachable = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/;

/**
 * Runs npm in a folder, quietly, and turns its usual failures into one sentence each. Install scripts are never run:
 * nothing in the tree needs one, and a stolen package would use one first.
 */
export function runNpm(folder, args) {
  // Started through npm, its own program is known; `npm` from PATH could be another version.
  const viaNode = process.env.npm_execpath?.endsWith('.js') ?? false;
  const command = viaNode ? process.execPath : 'npm';
  const result = spawnSync(
    command,
    [
      ...(viaNode ? [process.env.npm_execpath] : []),
      ...args,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--fetch-retry-mintimeout=1000',
      '--fetch-retry-maxtimeout=5000',
    ],
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 32 * 1024 * 1024,
      shell: !viaNode && process.platform === 'win32',
      env: { ...process.env, NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true' },
    },
  );
  if (result.error) throw new StartError(`npm could not be run (${result.error.message}); install npm beside Node.`);
  if (result.status === 0) return result.stdout;
  const said = `${result.stdout}\n${result.stderr}`;
  if (unreachable.test(said))
    throw new StartError(
      "npm could not reach its registry, and not all packages are installed yet; connect this machine to the network (or set npm's registry or proxy) and run the command again.",
    );
  if (/\b(EROFS|EACCES|EPERM)\b/.test(said)) throw new StartError(`npm may not write in ${folder}; make the folder writable or clone it elsewhere.`);
  if (/\bENOSPC\b/.test(said)) throw new StartError(`the disk that holds ${folder} is full; free about 500 MB and run the command again.`);
  const lines = said.split('\n').filter((line) => line.startsWith('npm error') && !line.includes('complete log'));
  throw new StartError(`\`npm ${args.join(' ')}\` failed in ${folder}:\n${lines.slice(0, 12).join('\n') || said.slice(-1500)}`);
}
