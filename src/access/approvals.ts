import { fitsPattern } from './fits-pattern.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

/** Who may see a team's prompts (DESIGN §4.8); a list that is absent restricts nothing. */
export interface Approvals {
  /** Where may be computed; a `*` at the end stands for any rest. */
  readonly regions?: readonly string[] | undefined;
  /** What may become of a prompt after its answer. */
  readonly retention?: readonly string[] | undefined;
  /** The companies that may see a prompt. */
  readonly processors?: readonly string[] | undefined;
}

/** The rule that keeps a prompt from an endpoint, with what the endpoint declares there; undefined where it declares nothing. */
export interface Exclusion {
  readonly rule: 'region' | 'retention' | 'processor' | 'vendor';
  readonly declared: string | undefined;
}

/** Why prompts must not go there. What an endpoint does not declare is not approved where it matters: silence is no promise. */
export function exclusionBy(approvals: Approvals, endpoint: Endpoint): Exclusion | undefined {
  const { regions, retention, processors } = approvals;
  const { region } = endpoint;
  if (regions !== undefined && (region === undefined || !regions.some((pattern) => fitsPattern(pattern, region))))
    return { rule: 'region', declared: region };
  if (retention !== undefined && (endpoint.retention === undefined || !retention.includes(endpoint.retention)))
    return { rule: 'retention', declared: endpoint.retention };
  if (processors !== undefined && !processors.includes(endpoint.processor)) return { rule: 'processor', declared: endpoint.processor };
  return undefined;
}
