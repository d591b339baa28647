import { setTimeout as delay } from 'node:timers/promises';
import { cpuMs, cpuMsByProcess, cpuTicksMs } from '../process-cost.ts';

export interface CostWindow {
  readonly cpuMs: number;
  readonly ticksMs: number;
  readonly busiestMs: number;
  readonly measuredMs: number;
  readonly ownCpuMs: number;
}

const idleMs = 1000;

/** How much the target takes of a second while nobody asks it anything. */
export async function idleCpuShare(pids: readonly number[]): Promise<number> {
  if (pids.length === 0) return 0;
  const before = cpuMs(pids);
  const beganMs = performance.now();
  await delay(idleMs);
  return (cpuMs(pids) - before) / (performance.now() - beganMs);
}

/** Opens the account of what the target and this process take; the function closes it. */
export function openWindow(pids: readonly number[], idleShare: number): () => CostWindow {
  const own = process.cpuUsage();
  const ticks = cpuTicksMs(pids);
  const cpu = cpuMsByProcess(pids);
  const beganMs = performance.now();
  return () => {
    const measuredMs = performance.now() - beganMs;
    const used = [...cpuMsByProcess(pids)].map(([pid, ms]) => ms - (cpu.get(pid) ?? 0));
    const sum = used.reduce((total, ms) => total + ms, 0);
    const { user, system } = process.cpuUsage(own);
    const idle = idleShare * measuredMs;
    return {
      cpuMs: sum - idle,
      busiestMs: Math.max(0, ...used),
      ticksMs: cpuTicksMs(pids) - ticks - idle,
      measuredMs,
      ownCpuMs: (user + system) / 1000,
    };
  };
}
