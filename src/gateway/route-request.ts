import { failure, success, type Result } from '../std/result.ts';
import { hashed, hashedText } from '../policy/choice/prefix-hashes.ts';
import { RequestAsk, type PromptBytes } from '../policy/choice/request-ask.ts';
import { standIns, wishOf, type RoutingRules } from '../policy/choice/routing-rules.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { Objective } from '../policy/choice/ask.ts';
import type { RelayRequest } from '../upstream/relay-request.ts';

/** The header by which a request names its SLO class. */
export const sloHeader = 'x-second-source-slo';

/** What routes requests; `rules` is what holds now. */
export interface RoutingDesk {
  readonly rules: RoutingRules;
  /** Whether several tenants share endpoints, and so no cached prefix. */
  readonly keepsTenantsApart: boolean;
}

/** What the client's `sort` asks of the objective. */
const objectiveOf = { price: 'cheapest', throughput: 'fastest', latency: 'fastest' } as const satisfies Record<string, Objective>;
/** Of tools so much is looked at: they stand before the messages in every template known to us. */
const mostToolBytes = 4096;

/** The request with what the choice goes by: its size, its prefix, its SLO class and its objective. */
export function routeRequest(desk: RoutingDesk, given: RelayRequest, header: string | readonly string[] | undefined): Result<RelayRequest, Fault> {
  const { model, tenant, keyId, demand } = given;
  if (header !== undefined && (typeof header !== 'string' || !desk.rules.classes.has(header))) return failure(unknownClass(desk.rules));
  const sort = demand.provider?.sort;
  const wish = wishOf(desk.rules, { model, tenant, keyId, slo: header, objective: sort && objectiveOf[sort] });
  const ask = new RequestAsk({ promptTokens: given.estimatedInputTokens, maxTokens: given.maxTokens }, wish, promptOf(desk, given));
  // A client that names models itself wants no others.
  if (wish.slo === undefined || (demand.otherModels?.length ?? 0) > 0) return success({ ...given, ask });
  const others = standIns(wish.slo, model);
  return success(others.length === 0 ? { ...given, ask } : { ...given, ask, demand: { ...demand, otherModels: others } });
}

function unknownClass({ classes }: RoutingRules): Fault {
  const known = classes.size === 0 ? 'The configuration has none (`routing.sloClasses`).' : `It is one of ${[...classes.keys()].join(', ')}.`;
  return { code: 'invalid_request', param: sloHeader, detail: `The header \`${sloHeader}\` names no SLO class. ${known}` };
}

function promptOf({ keepsTenantsApart }: RoutingDesk, { body, route, tenant }: RelayRequest): PromptBytes | undefined {
  const { bytes, scanned } = body;
  const prompt = scanned.members.get(route === 'chat' ? 'messages' : 'prompt');
  if (prompt === undefined) return undefined;
  const tools = scanned.members.get('tools');
  const seed = (): number => {
    const own = keepsTenantsApart ? hashedText(tenant) : undefined;
    return tools === undefined ? (own ?? 0) : hashed(bytes, tools.valueStart, Math.min(tools.valueEnd, tools.valueStart + mostToolBytes), own);
  };
  return { bytes, start: prompt.valueStart, end: prompt.valueEnd, seed };
}
