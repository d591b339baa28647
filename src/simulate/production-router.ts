import { chooseDeployments } from '../policy/choose-deployments.ts';
import type { ReplicaView, Router } from './router.ts';

/** The policy that production runs, as it stands, behind the simulator's interface. */
export function productionRouter(): Router {
  let turn = 0;
  return {
    choose: (arrival, fleet): ReplicaView | undefined => {
      const choice = chooseDeployments(fleet, { model: arrival.model, provider: undefined, rules: undefined, unpublishedFields: [], turn });
      turn += 1;
      if (choice.kind !== 'candidates') return undefined;
      const { first } = choice;
      return fleet.find(({ endpoint }) => endpoint === first.endpoint);
    },
  };
}
