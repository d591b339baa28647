import { isRecord } from './is-record.ts';

const endpointStates = ['starting', 'ready', 'unplugged', 'ejected', 'parked', 'trial', 'down'] as const;
export type EndpointState = (typeof endpointStates)[number];

export interface EndpointStatus {
  readonly id: string;
  readonly vendor: string;
  readonly chip: string;
  readonly evidence: string;
  readonly models: readonly string[];
  readonly state: EndpointState;
  readonly running: number;
  readonly failureDomains: readonly string[];
  readonly lastFault: { readonly atWallMs: number; readonly what: string } | undefined;
}

/** Reads the body of GET /control/v1/endpoints; undefined where it is not of that shape. */
export function readEndpoints(body: unknown): readonly EndpointStatus[] | undefined {
  if (!isRecord(body) || !Array.isArray(body['endpoints'])) return undefined;
  const endpoints: EndpointStatus[] = [];
  for (const item of body['endpoints']) {
    const endpoint = readEndpoint(item);
    if (endpoint === undefined) return undefined;
    endpoints.push(endpoint);
  }
  return endpoints;
}

/** Reads the body of GET /control/v1/models into model names; undefined where it is not of that shape. */
export function readModels(body: unknown): readonly string[] | undefined {
  return isRecord(body) ? allText(body['models']) : undefined;
}

/**
 * The endpoint that most likely answers now: the one that the response headers named, or, once that is unplugged or
 * down, a ready one with a request of this model running. Undefined where none can be told. An endpoint that is
 * ejected or parked gets no new requests but may well finish those that it has.
 */
export function answeringEndpoint(named: string | undefined, model: string, endpoints: readonly EndpointStatus[]): string | undefined {
  const first = endpoints.find(({ id }) => id === named);
  if (named !== undefined && first?.state !== 'unplugged' && first?.state !== 'down') return named;
  return endpoints.find(({ state, running, models }) => state === 'ready' && running > 0 && models.includes(model))?.id;
}

/** The other endpoints that would be lost together with one, because they share a failure domain. */
export function lostTogether({ id, failureDomains }: EndpointStatus, endpoints: readonly EndpointStatus[]): readonly string[] {
  return endpoints
    .filter((other) => other.id !== id && other.failureDomains.some((domain) => failureDomains.includes(domain)))
    .map((other) => other.id);
}

function readEndpoint(value: unknown): EndpointStatus | undefined {
  if (!isRecord(value)) return undefined;
  const { id, vendor, chip, evidence, running } = value;
  const state = endpointStates.find((known) => known === value['state']);
  const models = allText(value['models']);
  if (typeof id !== 'string' || typeof vendor !== 'string' || typeof chip !== 'string' || typeof evidence !== 'string') return undefined;
  if (state === undefined || models === undefined) return undefined;
  return {
    id,
    vendor,
    chip,
    evidence,
    models,
    state,
    running: typeof running === 'number' ? running : 0,
    failureDomains: allText(value['failureDomains']) ?? [],
    lastFault: readLastFault(value['lastFault']),
  };
}

function readLastFault(value: unknown): EndpointStatus['lastFault'] {
  if (!isRecord(value)) return undefined;
  const { atWallMs, what } = value;
  return typeof atWallMs === 'number' && typeof what === 'string' ? { atWallMs, what } : undefined;
}

function allText(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((item: unknown) => typeof item === 'string');
  return texts.length === value.length ? texts : undefined;
}
