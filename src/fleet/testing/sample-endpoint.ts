import type { Candidate } from '../candidate.ts';
import type { Deployment } from '../deployment.ts';
import type { Endpoint } from '../endpoint.ts';

/** For tests: an endpoint of which only what a test is about need be said. */
export function sampleEndpoint(said: Partial<Endpoint>): Endpoint {
  const id = said.id ?? 'endpoint';
  return {
    id,
    address: { kind: 'url', origin: 'http://127.0.0.1:1', basePath: '/v1' },
    dialect: 'openai',
    silicon: { vendor: 'amd', chip: 'chip', evidence: 'declared' },
    processor: id,
    region: undefined,
    failureDomains: [id],
    key: undefined,
    tokenIds: false,
    idsLeadText: false,
    prefill: undefined,
    billsAbandoned: false,
    extensions: [],
    passUnknownFields: false,
    allowPrivate: true,
    ...said,
  };
}

/** For tests: the deployment of the model `m` on an endpoint. */
export function sampleDeployment(endpointId: string, said: Partial<Deployment> = {}): Deployment {
  return {
    id: `m@${endpointId}`,
    model: 'm',
    endpointId,
    upstreamModel: 'm',
    weights: undefined,
    engineBuild: undefined,
    contextTokens: undefined,
    price: undefined,
    ...said,
  };
}

/** For tests: a candidate that is ready, idle and in good health. */
export function sampleCandidate(said: Partial<Candidate>): Candidate {
  const endpoint = said.endpoint ?? sampleEndpoint({});
  return {
    endpoint,
    deployment: sampleDeployment(endpoint.id),
    state: 'ready',
    running: 0,
    cause: undefined,
    releaseInMs: 0,
    weight: 1,
    penalised: false,
    ...said,
  };
}
