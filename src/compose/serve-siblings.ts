import { internalRoutes } from '../admin/internal/internal-routes.ts';
import { listenToSiblings } from './processes/sibling-listener.ts';
import { routes } from '../gateway/routes.ts';
import { serveGateway, type Gateway, type ListenerLimits } from '../gateway/serve-gateway.ts';
import type { Cleanups } from './cleanups.ts';
import type { GatewayContext } from '../gateway/gateway-context.ts';
import type { Seat } from './processes/process-message.ts';

/** The same gateway for what siblings pass on, which were counted and admitted where they came in and go no further. */
export async function serveSiblings(seat: Seat, context: GatewayContext, listening: ListenerLimits, cleanups: Cleanups): Promise<Gateway> {
  const concurrentRequests = context.concurrentRequests * seat.count;
  const apart = serveGateway({ ...context, concurrentRequests, siblings: undefined }, [...routes, ...internalRoutes], listening);
  cleanups.push(() => apart.stop(0));
  cleanups.push(await listenToSiblings(seat, apart));
  return apart;
}
