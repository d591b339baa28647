import { discoverModels } from '../upstream/discover-models.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Deployment } from '../fleet/deployment.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Transport } from '../upstream/transport.ts';

export interface EndpointSurroundings {
  readonly fleet: Fleet;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly say: (message: string) => void;
}

/** How often an endpoint whose models are not known yet is asked again. */
const askAgainMs = 5000;

type Configured = Config['endpoints'][number];

/** Adds the configured endpoints to the fleet, and asks those without a list of models for it. Returns how to stop. */
export async function connectEndpoints(configured: Config['endpoints'], around: EndpointSurroundings): Promise<() => void> {
  const cancels = new Map<string, () => void>();
  await Promise.all(configured.map((entry) => connect(entry, around, cancels, true)));
  return () => {
    for (const cancel of cancels.values()) cancel();
  };
}

async function connect(entry: Configured, around: EndpointSurroundings, cancels: Map<string, () => void>, first: boolean): Promise<void> {
  const { fleet, transport, clock, say } = around;
  const endpoint = toEndpoint(entry);
  if (entry.models !== undefined) {
    fleet.put(
      endpoint,
      entry.models.map((model) => toDeployment(entry, model)),
      'ready',
    );
    return;
  }
  if (first) fleet.put(endpoint, [], 'starting');
  const discovered = await discoverModels(endpoint, transport, clock);
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
  cancels.set(
    entry.id,
    clock.after(askAgainMs, () => void connect(entry, around, cancels, false)),
  );
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
    failureDomains: entry.failureDomains.length > 0 ? entry.failureDomains : [`endpoint:${entry.id}`],
    key: entry.key,
    tokenIds: entry.tokenIds,
    idsLeadText: true,
    prefill: entry.prefill,
    billsAbandoned: entry.billsAbandoned,
    extensions: entry.extensions,
    passUnknownFields: entry.passUnknownFields,
    allowPrivate: entry.allowPrivate,
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
    price: model.price,
  };
}
