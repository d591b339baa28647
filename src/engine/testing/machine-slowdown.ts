const sampleCpuMs = 60;

/**
 * How many times longer a computation takes now than with a core of its own (1 on an idle machine): time limits in
 * tests are promises for a machine that computes, not for one whose cores others hold.
 */
export function machineSlowdown(): number {
  const began = performance.now();
  const before = process.cpuUsage();
  let spent = 0;
  while (spent < sampleCpuMs) {
    const { user, system } = process.cpuUsage(before);
    spent = (user + system) / 1000;
  }
  return Math.max(1, (performance.now() - began) / spent);
}
