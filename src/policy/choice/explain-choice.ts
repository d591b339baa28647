import { preferenceOf, unwantedBy } from '../provider-preference.ts';
import { isMisconfigured, undeclaredField, type Choice, type Demand } from '../choose-deployments.ts';
import type { Candidate } from '../../fleet/candidate.ts';
import type { CandidateFate } from './candidate-fate.ts';
import type { Silicon } from '../../fleet/silicon.ts';

/** What became of one deployment in a choice. */
export interface ExplainedCandidate {
  readonly endpointId: string;
  readonly deploymentId: string;
  readonly silicon: Silicon;
  /** `left-out`: it could not be chosen; `passed-over`: another was better. */
  readonly verdict: 'chosen' | 'passed-over' | 'left-out';
  /** In words. */
  readonly why: string;
  /** What was expected of it; undefined where nothing was predicted. */
  readonly expected: CandidateFate | undefined;
}

/** Why a request went where it went. */
export interface Explanation {
  readonly model: string;
  readonly outcome: Choice['kind'];
  readonly candidates: readonly ExplainedCandidate[];
}

export type Expectations = (candidates: readonly Candidate[]) => readonly CandidateFate[];

/** The fate of every deployment of the model in a choice that was made, the chosen first, those left out last. */
export function explainChoice(all: readonly Candidate[], demand: Demand, choice: Choice, expectations: Expectations | undefined): Explanation {
  const known = all.filter(({ deployment }) => deployment.model === demand.model);
  const chosen = choice.kind === 'candidates' ? choice.first : undefined;
  const open = known.filter((candidate) => candidate === chosen || leftOutBy(candidate, demand) === undefined);
  const fates = new Map(expectations?.(open).map((fate) => [fate.deploymentId, fate]));
  const candidates = known.map((candidate): ExplainedCandidate => {
    const { endpoint, deployment } = candidate;
    const place = { endpointId: endpoint.id, deploymentId: deployment.id, silicon: endpoint.silicon };
    const expected = fates.get(deployment.id);
    if (candidate === chosen) return { ...place, verdict: 'chosen', why: whyChosen(open, expected), expected };
    const leftOut = leftOutBy(candidate, demand);
    if (leftOut !== undefined) return { ...place, verdict: 'left-out', why: leftOut, expected };
    return { ...place, verdict: 'passed-over', why: whyPassedOver(candidate, chosen, demand, expected), expected };
  });
  const rank = { chosen: 0, 'passed-over': 1, 'left-out': 2 };
  return { model: demand.model, outcome: choice.kind, candidates: candidates.toSorted((a, b) => rank[a.verdict] - rank[b.verdict]) };
}

/** What keeps a deployment out of a choice; the same rules in the same order as `chooseDeployments` has them. */
function leftOutBy(candidate: Candidate, demand: Demand): string | undefined {
  const { endpoint } = candidate;
  if (demand.rules?.allowsModel(demand.model) === false) return 'the key may not use this model';
  const exclusion = demand.rules?.exclusion(endpoint);
  if (exclusion !== undefined) return `not approved: its ${exclusion.rule} is ${exclusion.declared ?? 'not declared'}`;
  const field = undeclaredField(endpoint, demand);
  if (field !== undefined) return `it does not declare the field \`${field}\``;
  const refused = demand.refusedBy?.(endpoint);
  if (refused !== undefined) return refused.what === 'route' ? 'it does not serve this route' : `it does not take \`${refused.path}\` as it stands`;
  const unwanted = unwantedBy(candidate, demand.provider, demand.priceOf);
  if (unwanted !== undefined) return `\`provider.${unwanted}\` leaves it out`;
  return leftOutByState(candidate);
}

function leftOutByState(candidate: Candidate): string | undefined {
  const seconds = (candidate.releaseInMs / 1000).toFixed(1);
  if (isMisconfigured(candidate)) return 'it does not know the model that is configured';
  switch (candidate.state) {
    case 'ready':
    case 'trial':
      return undefined;
    case 'parked':
      return `it asked to be left alone, or its keys have no room, for ${seconds} s`;
    case 'ejected':
      return candidate.cause === 'failing' ? `it failed too often, and is avoided for ${seconds} s` : 'nothing can succeed there until somebody acts';
    case 'starting':
    case 'down':
    case 'unplugged':
      return `it is ${candidate.state}`;
  }
}

function whyChosen(open: readonly Candidate[], expected: CandidateFate | undefined): string {
  if (open.length < 2) return 'it is the only one that can be chosen';
  return expected === undefined
    ? 'it comes first by load and turn'
    : 'it costs least, by what is expected of each and the prices of lateness, capacity and shares';
}

function whyPassedOver(candidate: Candidate, chosen: Candidate | undefined, { provider }: Demand, expected: CandidateFate | undefined): string {
  if (expected?.admitted === false) return 'a hard cap on shares leaves no room for it';
  if (chosen === undefined) return 'nobody was chosen';
  if (preferenceOf(candidate.endpoint, provider) > preferenceOf(chosen.endpoint, provider)) return 'the request’s `order` prefers another';
  if (candidate.endpoint.silicon.evidence === 'emulated' && chosen.endpoint.silicon.evidence !== 'emulated')
    return 'it is emulated, and real silicon comes first';
  if (chosen.state === 'trial' && candidate.state !== 'trial') return 'the trial of another was due';
  if (candidate.penalised && !chosen.penalised) return 'it refused requests lately';
  if (candidate.weight < 1 && chosen.weight >= 1) return 'it warms up after its return, and was not drawn';
  return expected?.why ?? 'another costs less';
}
