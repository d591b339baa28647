import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Silicon } from './silicon.ts';

const cpuVendors: Readonly<Record<string, string>> = {
  AuthenticAMD: 'amd',
  GenuineIntel: 'intel',
  HygonGenuine: 'hygon',
  CentaurHauls: 'zhaoxin',
};

/** ARM's implementer codes, as `/proc/cpuinfo` gives them. */
const armImplementers: Readonly<Record<string, string>> = {
  '0x41': 'arm',
  '0x42': 'broadcom',
  '0x43': 'marvell',
  '0x48': 'huawei',
  '0x4e': 'nvidia',
  '0x51': 'qualcomm',
  '0x53': 'samsung',
  '0x61': 'apple',
  '0x6d': 'microsoft',
  '0xc0': 'ampere',
};

const gpuNames: readonly (readonly [pattern: RegExp, vendor: string])[] = [
  [/nvidia|geforce|quadro|tesla|\b(?:a100|h100|h200|b200|l40|l4|t4)\b/iu, 'nvidia'],
  [/\bamd\b|radeon|instinct|gfx\d/iu, 'amd'],
  [/intel|\barc\b|iris|uhd graphics/iu, 'intel'],
  [/apple|\bm[1-9]\b/iu, 'apple'],
  [/adreno|qualcomm/iu, 'qualcomm'],
  [/mali/iu, 'arm'],
];

const pciVendors: Readonly<Record<string, string>> = { '0x10de': 'nvidia', '0x1002': 'amd', '0x8086': 'intel', '0x106b': 'apple' };
const softwareRasteriser = /llvmpipe|lavapipe|swiftshader|softpipe/iu;

export interface Backend {
  readonly backend: 'cpu' | 'cuda' | 'vulkan' | 'metal';
  readonly deviceNames: readonly string[];
  readonly threads: number;
  readonly engineBuild: string;
}

/** Reads whose chip this process computes on, from the machine itself. */
export function readSilicon(backend: Backend): Silicon {
  const about = { backend: backend.backend, evidence: 'measured', threads: backend.threads, engineBuild: backend.engineBuild } as const;
  const cpu = readCpu();
  const device = backend.deviceNames[0];
  // A GPU build that found no GPU computes on the CPU.
  if (backend.backend === 'cpu' || device === undefined) return { ...cpu, ...about, backend: 'cpu' };
  if (softwareRasteriser.test(device)) {
    // Its shaders run on the CPU: the tokens are that chip's.
    return { vendor: cpu.vendor, chip: `llvmpipe (software Vulkan) on ${cpu.chip}`, driver: device, ...about };
  }
  return { vendor: gpuVendor(device), chip: device, driver: backend.backend, ...about };
}

function gpuVendor(device: string): string {
  const named = gpuNames.find(([pattern]) => pattern.test(device));
  if (named !== undefined) return named[1];
  const found = new Set(pciDisplayVendors());
  return found.size === 1 ? ([...found][0] ?? 'unknown') : 'unknown';
}

/** The makers of the display devices that the kernel knows. */
function pciDisplayVendors(): string[] {
  const folder = '/sys/class/drm';
  try {
    return readdirSync(folder)
      .filter((name) => /^card\d+$/u.test(name))
      .map((name) => pciVendors[readFileSync(`${folder}/${name}/device/vendor`, 'utf8').trim()])
      .filter((vendor) => vendor !== undefined);
  } catch {
    return [];
  }
}

function readCpu(): { vendor: string; chip: string } {
  const model = cpus()[0]?.model.trim() ?? '';
  const facts = cpuinfo();
  const implementer = facts.get('CPU implementer');
  const vendor =
    cpuVendors[facts.get('vendor_id') ?? ''] ?? (implementer === undefined ? undefined : armImplementers[implementer]) ?? vendorByName(model);
  const named = model !== '' && model !== 'unknown';
  const part = facts.get('CPU part');
  return { vendor, chip: named ? model : part === undefined ? 'unknown CPU' : `ARM part ${part}` };
}

function vendorByName(model: string): string {
  if (/apple/iu.test(model)) return 'apple';
  if (/\bamd\b/iu.test(model)) return 'amd';
  if (/intel/iu.test(model)) return 'intel';
  return 'unknown';
}

function cpuinfo(): Map<string, string> {
  const facts = new Map<string, string>();
  try {
    for (const line of readFileSync('/proc/cpuinfo', 'utf8').split('\n')) {
      const [key, value] = line.split(':', 2);
      if (key !== undefined && value !== undefined && !facts.has(key.trim())) facts.set(key.trim(), value.trim());
      if (line === '' && facts.size > 0) break;
    }
  } catch {
    // Only Linux has this file; the model's name must do elsewhere.
  }
  return facts;
}

/** How many cores can compute at once: threads that share a core only get in each other's way. */
export function physicalCores(): number {
  const cores = new Set<string>();
  try {
    const blocks = readFileSync('/proc/cpuinfo', 'utf8').split('\n\n');
    for (const block of blocks) {
      const core = /^core id\s*:\s*(\d+)/mu.exec(block)?.[1];
      if (core !== undefined) cores.add(`${/^physical id\s*:\s*(\d+)/mu.exec(block)?.[1] ?? '0'}/${core}`);
    }
  } catch {
    // See above.
  }
  return cores.size > 0 ? Math.min(cores.size, cpus().length) : Math.max(cpus().length, 1);
}
