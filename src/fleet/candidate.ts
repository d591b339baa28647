import type { Deployment } from './deployment.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * - `ejected`: it failed lately and is avoided for a while;
 * - `parked`: it asked to be left alone for a while;
 * - `trial`: its time is up, and its next request shows whether it is back;
 * - `unplugged`: a person took it out.
 */
export type EndpointState = 'starting' | 'ready' | 'unplugged' | 'ejected' | 'parked' | 'trial' | 'down';

/** A deployment and where it is, whatever its health. */
export type Place = Pick<Candidate, 'endpoint' | 'deployment'>;

/** A deployment with what is known of its endpoint in this moment: what the choice chooses from. */
export interface Candidate {
  readonly endpoint: Endpoint;
  readonly deployment: Deployment;
  readonly state: EndpointState;
  /** Requests in flight there, counted at dispatch. */
  readonly running: number;
  /** Why it is ejected: `failing` may be tried all the same where too many are, `unusable` and `misconfigured` never. */
  readonly cause: 'failing' | 'unusable' | 'misconfigured' | undefined;
  /** How long until it may be tried again; 0 where it may be now. */
  readonly releaseInMs: number;
  /** The part of its share that it gets while it warms up after a return: above 0, at most 1. */
  readonly weight: number;
  /** Whether it refused lately: a place that refuses fast looks idle, and must not draw traffic by that. */
  readonly penalised: boolean;
}
