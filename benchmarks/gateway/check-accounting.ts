import { cpuMs, cpuTicksMs } from './process-cost.ts';

const burnMs = 400;

/**
 * Holds the account that all figures come from against a known: this process works for a while, and asks the kernel by
 * three ways what that cost. Gives a sentence, for the report.
 */
export function checkAccounting(): string {
  const own = process.cpuUsage();
  const scheduler = cpuMs([process.pid]);
  const ticks = cpuTicksMs([process.pid]);
  const untilMs = performance.now() + burnMs;
  while (performance.now() < untilMs) Math.random();
  const { user, system } = process.cpuUsage(own);
  const [byRusage, byScheduler, byTicks] = [(user + system) / 1000, cpuMs([process.pid]) - scheduler, cpuTicksMs([process.pid]) - ticks];
  return `The same work of this process by getrusage ${byRusage.toFixed(1)} ms, by the scheduler’s account ${byScheduler.toFixed(1)} ms, by ticks ${byTicks} ms.`;
}
