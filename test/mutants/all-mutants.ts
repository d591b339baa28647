import { accessMutants } from './access-mutants.ts';
import { apiMutants } from './api-mutants.ts';
import { budgetMutants } from './budget-mutants.ts';
import { controlMutants } from './control-mutants.ts';
import { dialectMutants } from './dialect-mutants.ts';
import { gatewayMutants } from './gateway-mutants.ts';
import { processMutants } from './process-mutants.ts';
import { reachMutants } from './reach-mutants.ts';
import { routingMutants } from './routing-mutants.ts';
import { ruleMutants } from './rule-mutants.ts';
import { securityMutants } from './security-mutants.ts';
import { upstreamMutants } from './upstream-mutants.ts';
import type { Mutant } from './mutant.ts';

export const allMutants: readonly Mutant[] = [
  ...upstreamMutants,
  ...gatewayMutants,
  ...ruleMutants,
  ...routingMutants,
  ...reachMutants,
  ...dialectMutants,
  ...apiMutants,
  ...processMutants,
  ...securityMutants,
  ...budgetMutants,
  ...accessMutants,
  ...controlMutants,
];
