/**
 * How long a request waits for the first endpoint that asked for time, or undefined where it is better told at once:
 * because that takes longer than is worth holding a connection for, or than the request has left.
 */
export function parkedWaitMs(
  releaseInMs: number,
  request: { readonly waitedMs: number; readonly mostMs: number; readonly remainingMs: number },
): number | undefined {
  // Timers may fire a little early, and to wait for nothing would be a busy loop.
  const waitMs = Math.ceil(releaseInMs) + 1;
  return request.waitedMs + waitMs <= request.mostMs && waitMs < request.remainingMs ? waitMs : undefined;
}
