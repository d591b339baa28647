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
};

export interface TestEndpoint {
  readonly id: string;
  readonly origin: string;
  readonly key?: string;
  /** Same weights and build for all that have it: they may continue each other. */
  readonly tokenIds?: boolean;
  readonly passUnknownFields?: boolean;
  readonly allowPrivate?: boolean;
  readonly price?: Deployment['price'];
}

export function testEndpoint(entry: TestEndpoint): Endpoint {
  return {
    id: entry.id,
    address: { kind: 'url', origin: entry.origin, basePath: '/v1' },
    dialect: 'openai',
    silicon: { vendor: `${entry.id}-vendor`, chip: `${entry.id} chip`, evidence: 'declared' },
    processor: entry.id,
    region: undefined,
    failureDomains: [`endpoint:${entry.id}`],
    key: entry.key,
    tokenIds: entry.tokenIds ?? false,
    extensions: [],
    passUnknownFields: entry.passUnknownFields ?? false,
    allowPrivate: entry.allowPrivate ?? true,
  };
}

export function testDeployment(entry: TestEndpoint): Deployment {
  const known = entry.tokenIds === true;
  return {
    id: `m@${entry.id}`,
    model: 'm',
    endpointId: entry.id,
    upstreamModel: 'up',
    weights: known ? 'sha256:same' : undefined,
    engineBuild: known ? 'same' : undefined,
    contextTokens: known ? 1024 : undefined,
    price: entry.price,
  };
}
