/** A process of its own: runs the one load that its argument describes (`Job` as JSON) and prints the outcome. */
import { runBurst, runStreams } from './run-streams.ts';
import { runRequests } from './run-requests.ts';
import type { Job, Measured, Outcome } from './job.ts';

function run(job: Job): Promise<Measured> {
  if (job.kind === 'streams') return runStreams(job);
  return job.kind === 'burst' ? runBurst(job) : runRequests(job);
}

const watchEveryMs = 10;
let ownLateMs = 0;
let lastMs = performance.now();
setInterval(() => {
  const nowMs = performance.now();
  ownLateMs = Math.max(ownLateMs, nowMs - lastMs - watchEveryMs);
  lastMs = nowMs;
}, watchEveryMs);
const measured = await run(JSON.parse(process.argv[2] ?? ''));
const outcome: Outcome = { ...measured, ownLateMs };
// Connections that a target keeps open would hold the process, so it ends itself once all is written.
process.stdout.write(JSON.stringify(outcome), () => process.exit(0));
