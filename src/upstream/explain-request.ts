import { chooseDeployments } from '../policy/choose-deployments.ts';
import { demandOf, expectationsOf, withRoom, type TryDependencies } from './next-try.ts';
import { explainChoice, type Explanation } from '../policy/choice/explain-choice.ts';
import type { RelayRequest } from './relay-request.ts';

/** Where a request would go now and why, without sending it anywhere: one choice for each model that would be looked at. */
export function explainRequest(request: RelayRequest, deps: TryDependencies): readonly Explanation[] {
  const explained: Explanation[] = [];
  for (const model of [request.demand.model, ...(request.demand.otherModels ?? [])]) {
    const asking = { ...request, demand: { ...request.demand, model } };
    const nowMs = deps.clock.nowMs();
    const [all, demand] = [withRoom(asking, deps, nowMs), demandOf(asking, [], deps, nowMs)];
    const choice = chooseDeployments(all, demand);
    explained.push(explainChoice(all, demand, choice, expectationsOf(asking, deps)));
    if (choice.kind === 'candidates') break;
  }
  return explained;
}
