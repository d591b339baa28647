import { discoverModels } from '../upstream/discover-models.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Deployment } from '../fleet/deployment.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { KeyPools } from '../policy/key-pools.ts';
import type { Transport } from '../upstream/transport.ts';

export interface EndpointSurroundings {
  readonly fleet: Fleet;
  readonly keys: Pick<KeyPools, 'note'>;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly say: (message: string) => void;
}

/** How often an endpoint whose models are not known yet is asked again. */
const askAgainMs = 5000;

type Configured = Config['endpoints'][number];

/** Adds one endpoint. `connected` resolves when it is in the fleet, with its models or without; after `stop` it is not put there again. */
export function connectEndpoint(entry: Configured, around: EndpointSurroundings): { readonly connected: Promise<void>; readonly stop: () => void } {
  const connecting: Connecting = { isStopped: false, cancel: () => {} };
  return {
    connected: connect(entry, around, connecting, true),
    stop: () => {
      connecting.isStopped = true;
      connecting.cancel();
    },
  };
}

interface Connecting {
  isStopped: boolean;
  cancel: () => void;
}

async function connect(entry: Configured, around: EndpointSurroundings, connecting: Connecting, first: boolean): Promise<void> {
  const { fleet, keys, transport, clock, say } = around;
  const endpoint = toEndpoint(entry);
  const note = (): string | null => keys.note(endpoint, clock.nowMs());
  if (entry.models !== undefined) {
    fleet.put(
      endpoint,
      entry.models.map((model) => toDeployment(entry, model)),
      'ready',
    );
    fleet.annotate(entry.id, note);
    return;
  }
  if (first) fleet.put(endpoint, [], 'starting');
  fleet.annotate(entry.id, note);
  const discovered = await discoverModels(endpoint, transport, clock);
  if (connecting.isStopped) return;
  if (discovered.ok) {
    fleet.put(
      endpoint,
      discovered.value.map((name) => toDeployment(entry, { name })),
      'ready',
    );
    say(`endpoint ${entry.id} serves ${discovered.value.join(', ') || 'no model'}.`);
    return;
  }
  fleet.lost(entry.id, discovered.failure.what);
  if (first) say(`endpoint ${entry.id} did not tell its models (${discovered.failure.what}); it is asked again every ${askAgainMs / 1000} s.`);
  connecting.cancel = clock.after(askAgainMs, () => void connect(entry, around, connecting, false));
}

function toEndpoint(entry: Configured): Endpoint {
  return {
    id: entry.id,
    address: entry.address,
    dialect: entry.dialect,
    profile: entry.profile,
    apiVersion: entry.apiVersion,
    silicon: entry.silicon,
    processor: entry.processor ?? new URL(entry.address.origin).hostname,
    region: entry.region,
    retention: entry.retention,
    failureDomains: entry.failureDomains.length > 0 ? entry.failureDomains : [`endpoint:${entry.id}`],
    // Whatever asks outside the pool, for its models for instance, asks with the first.
    key: entry.key ?? entry.keys[0]?.key,
    tokenIds: entry.tokenIds,
    idsLeadText: true,
    prefill: entry.prefill,
    billsAbandoned: entry.billsAbandoned,
    gauges: entry.gauges,
    extensions: entry.extensions,
    passUnknownFields: entry.passUnknownFields,
    allowPrivate: entry.allowPrivate,
    reach: entry.reach,
    keys: entry.keys.length > 0 ? entry.keys : undefined,
    usdPerHour: entry.usdPerHour,
  };
}

type Model = Pick<NonNullable<Configured['models']>[number], 'name'> & Partial<NonNullable<Configured['models']>[number]>;

function toDeployment(entry: Configured, model: Model): Deployment {
  return {
    id: `${model.name}@${entry.id}`,
    model: model.name,
    endpointId: entry.id,
    upstreamModel: model.upstream ?? model.name,
    weights: model.weights,
    engineBuild: model.engineBuild,
    contextTokens: model.contextTokens,
    quantization: model.quantization,
    price: model.price ?? entry.price,
    published: model.published,
    size: model.size,
  };
}
