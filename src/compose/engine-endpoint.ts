import type { Deployment } from '../fleet/deployment.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import { profileNamed } from '../protocol/profiles/profile-named.ts';
import { unknownSilicon } from '../fleet/silicon.ts';
import type { SupervisedEngine } from '../engine/supervise-engine.ts';

const profile = profileNamed('second-source');

/** Our own engine before anything is known of it: its place among the endpoints, where nothing can be sent yet. */
export function startingEndpoint(id: string, region = 'local'): Endpoint {
  return {
    id,
    address: { kind: 'socket', socketPath: '', basePath: '/v1' },
    dialect: 'openai',
    profile: profile.name,
    silicon: unknownSilicon,
    processor: 'self',
    region,
    retention: 'none',
    failureDomains: [`process:${id}`],
    key: undefined,
    tokenIds: profile.tokenIds,
    idsLeadText: false,
    prefill: profile.prefill,
    billsAbandoned: false,
    countsPrompts: true,
    gauges: profile.gauges,
    extensions: profile.extensions,
    passUnknownFields: false,
    allowPrivate: true,
  };
}

/** An engine on this machine, as one more endpoint to everybody else. */
export function engineEndpoint(id: string, region: string, engine: SupervisedEngine): Endpoint {
  const { vendor, chip, evidence } = engine.silicon;
  return {
    ...startingEndpoint(id, region),
    address: { kind: 'socket', socketPath: engine.socketPath, basePath: '/v1' },
    silicon: { vendor, chip, evidence },
  };
}

/** What an engine serves. Weights and build are known exactly, so that its answers may be continued token for token. */
export function engineDeployments(
  endpointId: string,
  engine: SupervisedEngine,
  weights: string,
  { price, quantization }: Pick<Deployment, 'price' | 'quantization'>,
): readonly Deployment[] {
  const { engineBuild, backend } = engine.silicon;
  return engine.modelNames.map((model) => ({
    id: `${model}@${endpointId}`,
    model,
    endpointId,
    upstreamModel: model,
    weights,
    // The same build rounds otherwise on another backend, so it counts as another engine.
    engineBuild: `${engineBuild} ${backend}`,
    contextTokens: engine.contextTokens,
    quantization,
    price,
  }));
}
