import { sampleDeployment, sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import type { Deployment } from '../../src/fleet/deployment.ts';
import type { Endpoint } from '../../src/fleet/endpoint.ts';
import type { RelayLimits } from '../../src/upstream/relay-request.ts';

export const testLimits: RelayLimits = {
  ttftTimeoutMs: 5000,
  stallTimeoutMs: 5000,
  totalTimeoutMs: 20_000,
  heartbeatMs: 10_000,
  lineBytes: 1 << 20,
  eventBytes: 4 << 20,
  upstreamBodyBytes: 32 << 20,
  attemptsPerRequest: 3,
  continuationsPerRequest: 2,
  parkedWaitMs: 0,
  holdBytes: 1 << 20,
};

export interface TestEndpoint {
  readonly id: string;
  readonly origin: string;
  /** Where it listens on this machine, instead of at its origin. */
  readonly socketPath?: string;
  readonly upstreamModel?: string;
  readonly key?: string;
  readonly keys?: Endpoint['keys'];
  readonly reach?: Endpoint['reach'];
  /** Same weights and build for all that have it: they may continue each other. */
  readonly tokenIds?: boolean;
  readonly prefill?: Endpoint['prefill'];
  readonly dialect?: Endpoint['dialect'];
  readonly profile?: string;
  readonly apiVersion?: string;
  readonly extensions?: readonly string[];
  readonly billsAbandoned?: boolean;
  readonly countsPrompts?: boolean;
  /** Of weights that all have; without it, those with token ids have the same. */
  readonly weights?: string;
  readonly engineBuild?: string;
  readonly passUnknownFields?: boolean;
  readonly allowPrivate?: boolean;
  readonly price?: Deployment['price'];
  readonly model?: string;
  readonly quantization?: string;
  readonly silicon?: Endpoint['silicon'];
  readonly gauges?: string;
  readonly region?: string;
  readonly retention?: Endpoint['retention'];
}

export function testEndpoint(entry: TestEndpoint): Endpoint {
  const {
    id,
    origin,
    socketPath,
    upstreamModel: _upstream,
    model: _model,
    quantization: _q,
    price: _,
    weights: _weights,
    engineBuild: _build,
    ...said
  } = entry;
  return sampleEndpoint({
    ...said,
    id,
    address: socketPath === undefined ? { kind: 'url', origin, basePath: '/v1' } : { kind: 'socket', socketPath, basePath: '/v1' },
    silicon: entry.silicon ?? { vendor: `${id}-vendor`, chip: `${id} chip`, evidence: 'declared' },
  });
}

export function testDeployment({
  id,
  model = 'm',
  quantization,
  tokenIds,
  price,
  weights,
  engineBuild,
  upstreamModel = 'up',
}: TestEndpoint): Deployment {
  const same = tokenIds === true ? { weights: 'sha256:same', engineBuild: 'same', contextTokens: 1024 } : {};
  const known = { ...same, ...(weights === undefined ? {} : { weights }), ...(engineBuild === undefined ? {} : { engineBuild }) };
  return sampleDeployment(id, { id: `${model}@${id}`, model, quantization, upstreamModel, price, ...known });
}
