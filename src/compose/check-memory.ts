import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';

/** What one engine process needs beside its model: Node, llama.cpp's buffers and a small KV cache. */
const engineProcessBytes = 120 * 1024 * 1024;

/** Memory that can be taken without swapping; on Linux the kernel's own estimate, which counts reclaimable caches. */
export function availableBytes(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    const free = kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
    const allowed = process.constrainedMemory();
    return allowed > 0 && allowed < free ? Math.max(0, allowed - process.memoryUsage.rss()) : free;
  } catch {
    return freemem();
  }
}

/** One sentence where the models cannot fit, before the kernel kills a process in the middle of loading. */
export function memoryProblem(modelBytes: readonly number[], available: number): string | undefined {
  const needed = modelBytes.reduce((sum, bytes) => sum + bytes + engineProcessBytes, 0);
  if (needed <= available) return undefined;
  const mib = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return `This machine has ${mib(available)} of memory free, and ${modelBytes.length} engine process${modelBytes.length === 1 ? '' : 'es'} would need about ${mib(needed)}; end other programs, or serve fewer or smaller models.`;
}
