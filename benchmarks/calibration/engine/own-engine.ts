import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawSchedule, type ScheduledRequest } from './draw-schedule.ts';
import { raisePriority } from '../../gateway/raise-priority.ts';
import { recordEngine, type EngineRecording } from './record-engine.ts';
import { superviseEngine } from '../../../src/engine/supervise-engine.ts';
import { systemClock } from '../../../src/std/clock.ts';
import type { RecordedEngine } from '../../../src/simulate/calibrate/fidelity.ts';
import type { RecordedRequest } from '../../../src/simulate/calibrate/recorded-run.ts';

const sequences = 8;
const contextTokens = 1024;
/** Parts of what the engine does at most, which is timed first. */
const loads = [0.4, 0.6, 0.8];
const secondsEach = 20;
/** Later than that nobody was due on a machine that kept going. */
const standstillMs = 150;
const attempts = 3;

/**
 * The demo model as its card describes it, on one core whose arithmetic and bandwidth are nominal, since a factor is
 * fitted to each. The engine takes a prompt in parts of at most 512 tokens, and each sequence owns a whole context.
 */
export const ownEngine: RecordedEngine = {
  chip: { memoryBandwidthTbPerS: 0.01, denseTflops: 0.05, memoryGb: 1 },
  model: { parameters: 2_828_736, activeParameters: 2_828_736, bytesPerParameter: 1.06, kvBytesPerToken: 2304, layers: 6, attentionWidth: 192 },
  shape: {
    blockTokens: 16,
    prefixBlockTokens: 512,
    cachesPrefixes: false,
    capacityBlocks: (sequences * contextTokens) / 16,
    maxSequences: sequences,
    maxBatchTokens: 512,
    reservesWholePrompt: true,
  },
};

export interface LoadedRecording {
  readonly load: number;
  readonly perSecond: number;
  /** The same schedule, each time anew: what they differ by is this machine's noise. */
  readonly runs: readonly (readonly RecordedRequest[])[];
  readonly latestMs: number;
}

/** Drives the embedded engine on this machine's CPU with each load's schedule, all of them once and then all again. */
export async function recordOwnEngine(repeats: number, say: (line: string) => void): Promise<readonly LoadedRecording[]> {
  const folder = mkdtempSync(join(tmpdir(), '2s-calibration-'));
  const modelPath = fileURLToPath(new URL('../../../models/demo/second-source-demo.gguf', import.meta.url));
  const options = {
    name: 'calibration',
    modelPath,
    modelName: 'demo',
    socketDirectory: folder,
    sequences,
    contextTokens,
    threads: 1,
    maxWaiting: 1000,
  };
  const engine = await superviseEngine(options, systemClock);
  try {
    say(`${engine.silicon.chip}, ${engine.silicon.engineBuild}, ${engine.silicon.threads} thread, load average ${loadavg()[0]?.toFixed(2)}`);
    say(raisePriority(process.pid) ? 'before what else runs here' : 'beside what else runs here: this system does not let priorities be raised');
    const most = await mostPerSecond(engine.socketPath);
    say(`the engine does ${most.toFixed(1)} requests a second at most`);
    const schedules = loads.map((load, index) => ({
      load,
      perSecond: load * most,
      schedule: drawSchedule({ perSecond: load * most, requests: Math.ceil(load * most * secondsEach), seed: index + 1 }),
    }));
    const recordings: { readonly load: number; readonly recording: EngineRecording }[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1)
      for (const { load, schedule } of schedules) recordings.push({ load, recording: await recordCalmly(engine.socketPath, schedule, say) });
    return schedules.map(({ load, perSecond }) => {
      const own = recordings.filter((one) => one.load === load).map(({ recording }) => recording);
      return { load, perSecond, runs: own.map(({ requests }) => requests), latestMs: Math.max(...own.map(({ latestMs }) => latestMs)) };
    });
  } finally {
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A recording during which this machine did not stand still; the last one where it never did so little. */
async function recordCalmly(socketPath: string, schedule: readonly ScheduledRequest[], say: (line: string) => void): Promise<EngineRecording> {
  for (let attempt = 1; ; attempt += 1) {
    const recording = await recordEngine(socketPath, schedule);
    if (recording.latestMs < standstillMs || attempt === attempts) return recording;
    say(`this machine stood still for ${recording.latestMs.toFixed(0)} ms: recorded again`);
  }
}

/** Requests a second that it gets through when more wait than it can run: the best of three, after a warm-up. */
async function mostPerSecond(socketPath: string): Promise<number> {
  let most = 0;
  for (let attempt = 0; attempt <= 3; attempt += 1) {
    const { requests } = await recordEngine(socketPath, drawSchedule({ perSecond: 1e6, requests: 4 * sequences, seed: 90 + attempt }));
    if (attempt > 0) most = Math.max(most, requests.length / (Math.max(...requests.map(({ atMs, totalMs }) => atMs + totalMs)) / 1000));
  }
  return most;
}
