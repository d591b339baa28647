import { readdirSync, readFileSync } from 'node:fs';

function lines(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A thread or process may end between being listed and being read.
    return '';
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The process and all that descend from it. */
export function processTree(pid: number): number[] {
  const children = threadsOf(pid)
    .flatMap((thread) => lines(`/proc/${pid}/task/${thread}/children`).trim().split(' '))
    .filter((text) => text !== '');
  return [pid, ...children.flatMap((child) => processTree(Number(child)))];
}

/** Time on a core of each of these processes and their descendants, all threads together: the scheduler's account, in nanoseconds exact. */
export function cpuMsByProcess(pids: readonly number[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const pid of new Set(pids.flatMap(processTree))) {
    const ns = threadsOf(pid).reduce((sum, thread) => sum + Number(lines(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0), 0);
    found.set(pid, ns / 1e6);
  }
  return found;
}

export function cpuMs(pids: readonly number[]): number {
  return [...cpuMsByProcess(pids).values()].reduce((sum, ms) => sum + ms, 0);
}

/** The same from utime and stime in ticks of 10 ms, to hold against it: it keeps the time of threads that have ended. */
export function cpuTicksMs(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of new Set(pids.flatMap(processTree))) {
    // The name in parentheses may hold spaces; utime and stime are the 12th and 13th field after it (proc(5)).
    const fields = lines(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks * 10;
}

/** Memory resident of these processes and their descendants, in KiB. */
export function residentKib(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of new Set(pids.flatMap(processTree))) kib += Number(/^VmRSS:\s+(\d+) kB$/m.exec(lines(`/proc/${pid}/status`))?.[1] ?? 0);
  return kib;
}
