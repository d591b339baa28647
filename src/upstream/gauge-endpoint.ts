import type { Endpoint } from '../fleet/endpoint.ts';

/** No endpoint's own id has this sign. */
export function gaugesId(endpointId: string): string {
  return `${endpointId}#gauges`;
}

/**
 * Where an endpoint's engine tells its gauges, as a place of its own: their connections must not take the place of
 * requests'. The key goes along to the very same origin only. Undefined where it tells none.
 */
export function gaugeEndpoint(endpoint: Endpoint): Endpoint | undefined {
  const { address, gauges } = endpoint;
  if (gauges === undefined) return undefined;
  const plain = { ...endpoint, id: gaugesId(endpoint.id), dialect: 'openai' as const, keys: undefined };
  if (address.kind === 'socket') return { ...plain, address: { ...address, basePath: gauges } };
  const { origin, pathname, search } = new URL(gauges, address.origin);
  const key = origin === address.origin ? endpoint.key : undefined;
  return { ...plain, address: { kind: 'url', origin, basePath: `${pathname}${search}` }, key };
}
