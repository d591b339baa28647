import type { Random } from '../../std/random.ts';
import type { Trace, TraceRequest } from './trace.ts';

export interface TraceShape {
  /** Leaves out so many requests first, and takes so many at most. */
  readonly skip: number;
  readonly most: number;
  /** 2 makes it twice as fast: the same requests in half of the time. */
  readonly speed: number;
  /** Each gap is multiplied by a number between 1 − jitter and 1 + jitter, so that seeds differ. */
  readonly jitter: number;
  readonly random: Random;
}

/** A stretch of a trace, faster or slower, its gaps varied by a seed. The order and all lengths stay. */
export function* shapeTrace(trace: Trace, { skip, most, speed, jitter, random }: TraceShape): Generator<TraceRequest, undefined> {
  let index = 0;
  let beforeMs = 0;
  let atMs = 0;
  for (let next = trace.next(); next.done !== true && index < skip + most; next = trace.next()) {
    const request = next.value;
    if (index >= skip) {
      const gapMs = index === skip ? 0 : request.atMs - beforeMs;
      atMs += (gapMs * (1 + jitter * (2 * random() - 1))) / speed;
      yield { ...request, atMs };
    }
    beforeMs = request.atMs;
    index += 1;
  }
  return undefined;
}
