import type { Candidate } from './candidate.ts';
import type { HealthEffect } from './health-effect.ts';

/** How a deployment does in this moment, apart from what an operator or a supervisor says of its endpoint. */
export type DeploymentHealth = Pick<Candidate, 'cause' | 'releaseInMs' | 'weight' | 'penalised'> & {
  readonly state: 'ready' | 'ejected' | 'parked' | 'trial';
};

/** Whether nothing is held against it: then nothing changes until something fails. */
export function isUntroubled({ state, weight, penalised }: DeploymentHealth): boolean {
  return state === 'ready' && weight === 1 && !penalised;
}

/** The judge of one endpoint, whose rules the fleet neither knows nor needs (`policy/breaker.ts`). */
export interface EndpointHealth {
  /** An answer was whole. */
  readonly succeeded: (deploymentId: string, nowMs: number) => void;
  /** An answer has begun, which a trial waits for; it may still fail. */
  readonly answering: (deploymentId: string, nowMs: number) => void;
  readonly failed: (deploymentId: string, effect: HealthEffect, nowMs: number) => void;
  /** Takes the one trial that is free now; false where somebody else has it. */
  readonly claimTrial: (deploymentId: string, nowMs: number) => boolean;
  /** Forgets everything: somebody says that the endpoint is well. */
  readonly forgive: () => void;
  readonly of: (deploymentId: string, nowMs: number) => DeploymentHealth;
}
