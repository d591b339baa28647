import type { Fleet } from '../fleet/fleet.ts';
import type { GatewayContext } from '../gateway/gateway-context.ts';
import type { KeyPools } from '../policy/key-pools.ts';
import type { HttpTransport } from '../upstream/http-transport.ts';

/**
 * Unplugging an endpoint breaks its connections in the middle of whatever they carry, as pulling a cable would: what
 * runs there fails over or is continued by the same path as in a real loss.
 */
export function pluggable(fleet: Fleet, transport: HttpTransport, keys: KeyPools): Pick<GatewayContext, 'unplug' | 'drain' | 'plug'> {
  return {
    unplug: async (endpointId) => {
      if (!fleet.has(endpointId)) return false;
      fleet.declare(endpointId, 'unplugged');
      transport.cut(endpointId);
      return true;
    },
    drain: async (endpointId) => {
      if (!fleet.has(endpointId)) return false;
      fleet.declare(endpointId, 'unplugged');
      return true;
    },
    plug: async (endpointId) => {
      const endpoint = fleet.endpoint(endpointId);
      if (endpoint === undefined) return false;
      fleet.declare(endpointId, 'ready');
      keys.forgive(endpoint);
      return true;
    },
  };
}
