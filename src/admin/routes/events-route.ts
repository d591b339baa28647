import { rawRoute } from '../control-route.ts';
import { sendFault } from '../../gateway/respond.ts';
import type { ControlEvent } from '../events/event-hub.ts';

/** Proxies between would close a silent connection. */
const heartbeatMs = 15_000;

/**
 * What happens, as it happens, as server-sent events. A follower that reads too slowly loses events and is told how
 * many; it never holds up others, nor the gateway.
 */
export const eventsRoute = rawRoute(
  { method: 'GET', path: '/control/v1/events', role: 'viewer', summary: 'A live stream of what happens: endpoints, configuration, keys, budgets.' },
  'text/event-stream',
  (context, _request, response) => {
    const { events, clock, stopping } = context;
    const follower = events.follow((event) => response.write(eventBytes(event)));
    if (follower === undefined) return sendFault(response, { code: 'overloaded', detail: 'Too many follow the events already.', retryAfterMs: 5000 });
    response.begin(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.write(Buffer.from(': the stream has begun\n\n'));
    const unwatch = context.stateWatch.follow();
    let cancelBeat = (): void => {};
    const beat = (): void => {
      response.write(Buffer.from(': still here\n\n'));
      cancelBeat = clock.after(heartbeatMs, beat);
    };
    cancelBeat = clock.after(heartbeatMs, beat);
    const end = (): void => response.end();
    stopping.addEventListener('abort', end, { once: true });
    response.onDrain(() => follower.resume());
    response.onOver(() => {
      stopping.removeEventListener('abort', end);
      follower.stop();
      unwatch();
      cancelBeat();
    });
    if (stopping.aborted) end();
  },
);

function eventBytes({ seq, kind, atWallMs, data }: ControlEvent): Uint8Array {
  return Buffer.from(`id: ${seq}\nevent: ${kind}\ndata: ${JSON.stringify({ atWallMs, ...data })}\n\n`);
}
