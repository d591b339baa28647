import type { TraceRequest } from './trace.ts';

/** A trace that is at hand, such as one of a test or a recording. */
export function* listedTrace(requests: Iterable<TraceRequest>): Generator<TraceRequest, undefined> {
  yield* requests;
  return undefined;
}
