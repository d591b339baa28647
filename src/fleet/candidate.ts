import type { Deployment } from './deployment.ts';
import type { Endpoint } from './endpoint.ts';

/** `ejected`: it failed lately and is avoided for a while; `unplugged`: a person took it out. */
export type EndpointState = 'starting' | 'ready' | 'unplugged' | 'ejected' | 'down';

/** A deployment with what is known of its endpoint in this moment: what the choice chooses from. */
export interface Candidate {
  readonly endpoint: Endpoint;
  readonly deployment: Deployment;
  readonly state: EndpointState;
  /** Requests in flight there, counted at dispatch. */
  readonly running: number;
}
