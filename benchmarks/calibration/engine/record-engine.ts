import { request } from 'node:http';
import { sleep, systemClock } from '../../../src/std/clock.ts';
import type { RecordedRequest } from '../../../src/simulate/calibrate/recorded-run.ts';
import type { ScheduledRequest } from './draw-schedule.ts';

export interface EngineRecording {
  readonly requests: readonly RecordedRequest[];
  /** By how much this process was late at most when a request was due: a machine that stood still shows here. */
  readonly latestMs: number;
}

/** Sends a schedule to an engine on its socket, whatever the engine has done by then, and times each answer from when it was due. */
export async function recordEngine(socketPath: string, schedule: readonly ScheduledRequest[]): Promise<EngineRecording> {
  const beganMs = performance.now();
  let latestMs = 0;
  const requests = await Promise.all(
    schedule.map(async (scheduled) => {
      const dueMs = beganMs + scheduled.atMs;
      await sleep(systemClock, Math.max(0, dueMs - performance.now()));
      latestMs = Math.max(latestMs, performance.now() - dueMs);
      const { firstMs, lastMs } = await timeAnswer(socketPath, scheduled);
      return {
        atMs: scheduled.atMs,
        promptTokens: scheduled.prompt.length,
        outputTokens: scheduled.outputTokens,
        ttftMs: firstMs - dueMs,
        tpotMs: scheduled.outputTokens > 1 ? (lastMs - firstMs) / (scheduled.outputTokens - 1) : 0,
        totalMs: lastMs - dueMs,
      };
    }),
  );
  return { requests, latestMs };
}

function timeAnswer(socketPath: string, { prompt, outputTokens }: ScheduledRequest): Promise<{ readonly firstMs: number; readonly lastMs: number }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: '/v1/completions', method: 'POST', agent: false }, (response) => {
      let firstMs = 0;
      let lastMs = 0;
      let end = '';
      response.on('data', (piece: Buffer) => {
        lastMs = performance.now();
        firstMs ||= lastMs;
        end = (end + piece.toString('latin1')).slice(-2000);
      });
      response.on('end', () => {
        if (response.statusCode === 200 && end.includes(`"completion_tokens":${outputTokens}`)) resolve({ firstMs, lastMs });
        else reject(new Error(`The engine answered ${response.statusCode ?? 'nothing'} and not ${outputTokens} tokens: ${end.slice(-300)}`));
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    const limits = { max_tokens: outputTokens, temperature: 0, ignore_eos: true };
    sent.end(JSON.stringify({ model: 'demo', prompt, ...limits, stream: true, stream_options: { include_usage: true }, return_token_ids: true }));
  });
}
