import { z } from 'zod';
import type { Replica } from '../fleet/replica.ts';

/** What is read of an EndpointSlice (`discovery.k8s.io/v1`); whatever else it holds is passed over. */
export const endpointSliceSchema = z.object({
  metadata: z.object({ name: z.string(), resourceVersion: z.string().optional() }),
  addressType: z.string(),
  endpoints: z
    .array(z.object({ addresses: z.array(z.string()).min(1), conditions: z.object({ ready: z.boolean().nullish() }).nullish() }))
    .nullish()
    .transform((endpoints) => endpoints ?? []),
  ports: z
    .array(z.object({ name: z.string().nullish(), port: z.int().min(1).max(65_535).nullish() }))
    .nullish()
    .transform((ports) => ports ?? []),
});

export type EndpointSlice = z.infer<typeof endpointSliceSchema>;

/**
 * The replicas of a slice that take requests. Readiness that nobody knows counts as ready, as the API's documentation
 * asks; all addresses of one endpoint are the same place, so its first stands for it. A slice of names is passed over:
 * no name of the cluster's choosing is resolved here.
 */
export function sliceReplicas({ addressType, endpoints, ports }: EndpointSlice, portName: string | undefined): readonly Replica[] {
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return [];
  const [first, second] = portName === undefined ? ports : ports.filter(({ name }) => name === portName);
  const port = first?.port;
  if (typeof port !== 'number' || second !== undefined) return [];
  return endpoints.flatMap(({ addresses: [host], conditions }) => (host === undefined || conditions?.ready === false ? [] : [{ host, port }]));
}
