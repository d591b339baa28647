import { drawExponential, drawWhole } from '../../../src/simulate/trace/draw.ts';
import { seededRandom } from '../../../src/std/random.ts';

/** What is asked of the engine, and when. */
export interface ScheduledRequest {
  readonly atMs: number;
  /** Token ids drawn at random: no two prompts begin alike, so no cache helps. */
  readonly prompt: readonly number[];
  readonly outputTokens: number;
}

export interface ScheduleOptions {
  readonly perSecond: number;
  readonly requests: number;
  readonly seed: number;
}

/** The demo model's control tokens are its last ones; ordinary ones lie below. */
const ordinaryTokens = 2000;
const prompt = { least: 32, most: 256 };
const output = { least: 16, most: 96 };

/** Poisson arrivals with lengths drawn evenly. The same seed gives the same schedule. */
export function drawSchedule({ perSecond, requests, seed }: ScheduleOptions): readonly ScheduledRequest[] {
  const random = seededRandom(seed);
  const between = ({ least, most }: typeof prompt): number => least + drawWhole(random, most - least + 1);
  let atMs = 0;
  return Array.from({ length: requests }, () => {
    const request = {
      atMs,
      prompt: Array.from({ length: between(prompt) }, () => drawWhole(random, ordinaryTokens)),
      outputTokens: between(output),
    };
    atMs += drawExponential(random, 1000 / perSecond);
    return request;
  });
}
